"""The adapters to telephone systems and to registers of dossiers; importing this registers them."""

from hues.hotline.plugins import asterisk, dossiers, freeswitch, sandbox, webhook  # noqa: F401
