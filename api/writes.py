"""Who may write: nobody, until the operator sets a token; then who sends it."""

from hmac import compare_digest
from typing import Final

from api.context import Context
from api.errors import FORBIDDEN, WRITES_OFF, refusal

SCHEME: Final = "Bearer "


def require_writer(context: Context) -> None:
    """Refuse a request that may not write.

    Raises:
        GraphQLError: It may not.
    """
    token = context.source.settings.write_token.get_secret_value()
    if not token:
        raise refusal(
            "this server only reads: to write, its operator sets MIKO_API_WRITE_TOKEN", WRITES_OFF
        )
    if not compare_digest(context.authorization.encode(), f"{SCHEME}{token}".encode()):
        raise refusal(
            "writing takes the server's token: send the header 'Authorization: Bearer TOKEN'",
            FORBIDDEN,
        )
