"""Money between an account's spot wallet and its options wallet, and what an options wallet begins with.

Order of work.  A transfer takes out of one wallet what it puts into the other. What leaves the options wallet of a user is no
                more than its margins leave available; the crowd's need none.
Invariant.      A transfer makes and loses nothing; what wallets begin with is issued.
Source.         papernet's own; the event of a transfer is user-data-stream.md, Balance Update.
"""

from papernet.core.account import Account
from papernet.core.commands import TransferToOptions
from papernet.core.enums import BillKind
from papernet.core.events import AccountUpdate, BalanceChanged
from papernet.core.rejects import Reason, Reject
from papernet.venues.options.margin import available
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn


def transfer(turn: OptionTurn, account: Account, portfolio: Portfolio, command: TransferToOptions) -> Reject | None:
    """Move money between an account's two wallets; return why not, or None."""
    venue, asset, amount = turn.venue, command.asset, command.amount
    if asset != venue.asset:
        return Reject(Reason.UNKNOWN_ASSET, (asset,))
    if not amount:
        return Reject(Reason.BAD_AMOUNT)
    if amount > account.free(asset):
        return Reject(Reason.INSUFFICIENT_BALANCE)
    if -amount > (available(venue, portfolio) if portfolio.is_user else portfolio.balance):
        return Reject(Reason.OPTION_BALANCE_INSUFFICIENT)
    balance = account.balance(asset)
    balance.free -= amount
    account.updated_at = turn.at
    turn.events.append(BalanceChanged(account.account_id, turn.at, asset, -amount))
    if account.is_user:
        turn.events.append(AccountUpdate(account.account_id, turn.at, ((asset, balance.free, balance.held),)))
    turn.pay(portfolio, amount, BillKind.TRANSFER, asset)
    return None


def endow(turn: OptionTurn, portfolio: Portfolio) -> None:
    """Give a user's portfolio what it begins with, as new money."""
    venue = turn.venue
    if portfolio.is_user and venue.opening_balance:
        venue.ledger.endow(venue.asset, venue.opening_balance)
        turn.pay(portfolio, venue.opening_balance, BillKind.TRANSFER, venue.asset)
