"""The adapters to telephone systems; importing this registers them."""

from hues.hotline.plugins import asterisk, freeswitch, sandbox, webhook  # noqa: F401
