"""Why a request was refused, or an order is not filled: what was looked at, which numbers were compared, what would do."""
