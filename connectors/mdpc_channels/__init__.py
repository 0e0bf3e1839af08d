"""The channels that come with mdpc: mail, chat services by apprise, and signed webhooks."""
