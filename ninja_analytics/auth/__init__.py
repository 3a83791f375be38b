"""Who connects, how consent is asked for, where tokens live and who keeps them valid.

Read in this order: `profiles` (who connects to what), `tokens` (what was granted), `store` (where
tokens and client secrets are kept), `grants` (the OAuth protocol, one function per grant),
`keeper` (a valid access token for every thread and process), `listener` (the browser coming back),
`pending` (a consent under way) and `redaction` (no secret in a log).
"""
