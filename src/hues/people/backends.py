"""How Django finds the account of a session: with its roles, in one statement."""

from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from hues.people import queries
from hues.people.models import User


class Accounts(BaseBackend):
    """Only remembers who is signed in: who may is decided by `actions.confirm_code` and `actions.check_password`."""

    def get_user(self, user_id: UUID | str) -> User | None:
        return queries.account(user_id)
