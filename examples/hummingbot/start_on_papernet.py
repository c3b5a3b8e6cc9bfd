"""Start hummingbot with its Binance connector pointed at papernet; run it in hummingbot's directory and environment.

python start_on_papernet.py 127.0.0.1:8080

The connector's addresses are constants of a module. Set before anything else is imported, they hold for everything that
hummingbot does, `connect binance` included; the keys that it asks for are alice's (`papernet keys show alice`).
"""

import runpy
import sys
from importlib import import_module
from types import ModuleType

CONSTANTS = "hummingbot.connector.exchange.binance.binance_constants"


def point_at(constants: ModuleType, address: str) -> None:
    """Point the connector at papernet; its constants are patterns for the name of a domain, which need not be in them."""
    constants.REST_URL = f"http://{address}/api/"
    constants.WSS_URL = f"ws://{address}/ws"
    constants.WSS_API_URL = f"ws://{address}/ws-api/v3"


if __name__ == "__main__":
    point_at(import_module(CONSTANTS), sys.argv.pop() if len(sys.argv) > 1 else "127.0.0.1:8080")
    runpy.run_path("bin/hummingbot.py", run_name="__main__")
