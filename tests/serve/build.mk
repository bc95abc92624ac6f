# End to end: starts build/bin/reclave and asks it over HTTP.
CHECKS += tests/serve/proxy.py tests/serve/serve.py tests/serve/faults.py
