"""A GitHub and a Jira on this machine: stateful, seeded from a file, to rehearse a policy and to test against.

`mdpc_sandbox.server.Sandbox` starts both; it needs the extra `mdpc[sandbox]`. They speak what mdpc calls, strictly:
everything else is a 404 in the service's own shape.
"""
