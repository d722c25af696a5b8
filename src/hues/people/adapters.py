from allauth.account.adapter import DefaultAccountAdapter


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Filled by the people room."""
