"""The OpenAPI document on standard output: `python -m api.document`. The dashboard's types are generated from it."""

import json
import sys

from api.app import make_app
from desk import House
from settings import load

if __name__ == "__main__":
    house = House(load(database_url="postgres://nobody@localhost/none", secret_key="x" * 32))
    json.dump(make_app(house).openapi(), sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")
