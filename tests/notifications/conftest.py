from tests.notifications.peers import push_service

__all__ = ["push_service"]
