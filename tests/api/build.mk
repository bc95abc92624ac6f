# The API, end to end: starts build/bin/reclave and asks it over HTTP.
CHECKS += tests/api/api.py tests/api/kill.py tests/api/hostile.py tests/api/clients.py tests/api/examples.py
TORTURE += tests/api/kill_torture.sh
