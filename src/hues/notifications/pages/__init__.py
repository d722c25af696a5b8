"""The room's pages: the inbox, one's choices, links from mails, and the log for administrators."""
