"""Who connects, how consent is asked for, where tokens live and who keeps them valid.

Read in this order: `profiles` (who connects to what), `tokens` (what was granted), `store` (where
tokens and client secrets are kept), `grants` (the OAuth protocol, one function per grant),
`keeper` (a valid access token for every thread and process), `redirects` (which address and port the
browser comes back to), `listener` (it coming back), `responses` (what its answer says), `pending` (a
consent under way), `refusals` (what a no means) and `redaction` (no secret in a log).
"""
