"""The catalogue that benches run on: one symbol, options on it, rich accounts, and no bound on open orders."""

from pathlib import Path
from typing import Final

_TOML: Final = """
[balances]
USDT = "1000000000"
BTC = "1000000"
options = "1000000000"

[[symbols]]
name = "BTCUSDT"
base_asset = "BTC"
quote_asset = "USDT"
initial_price = "60000"
price_filter = { min_price = "0.01", max_price = "1000000", tick_size = "0.01" }
lot_size = { min_quantity = "0.00001", max_quantity = "9000", step_size = "0.00001" }
market_lot_size = { min_quantity = "0", max_quantity = "100", step_size = "0" }
max_num_orders = { max_num_orders = 10000000 }

[symbols.notional]
min_notional = "5"
apply_min_to_market = true
max_notional = "9000000"
apply_max_to_market = false
avg_price_mins = 5

[symbols.percent_price_by_side]
bid_multiplier_up = "5"
bid_multiplier_down = "0.2"
ask_multiplier_up = "5"
ask_multiplier_down = "0.2"
avg_price_mins = 5

[[options]]
symbol = "BTCUSDT"
tick_size = "5"
step_size = "0.01"
unit = 1
price_scale = 3
quantity_scale = 4
margins = { initial = "0.15", min_initial = "0.1", maintenance = "0.075", min_maintenance = "0.05" }
band = ["0.4", "0.4"]
listing = { steps = [[3, "500"], [1000, "5000"]], volatility = "0.5", reach = "1", max_strikes = 10 }

[options.fees]
maker = "0.0002"
taker = "0.0002"
exercise = "0.0001"
liquidation = "0.001"
max_of_premium = "0.1"
max_of_liquidation = "0.2"

[options.limits]
orders_a_contract = 9999999
orders = 9999999
quantity_an_order = "1000"
position_a_contract = "1000000"
position = "1000000"
long = "1000000"
short = "1000000"
"""


def write_catalogue(directory: Path) -> Path:
    """Write the catalogue into a directory and return its path."""
    path = directory / "bench-symbols.toml"
    path.write_text(_TOML)
    return path
