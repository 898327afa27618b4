"""What the surroundings say: environment and `.env`, read once into one frozen object.

Here belongs: every setting with its type, default and reason, the reading of URLs and addresses of servers, and where
things lie in the data directory. Not here: what is done with them. Nothing outside this package reads the environment.
"""

from settings.errors import Away, BadSetting
from settings.listen import Listen
from settings.model import Settings, load
from settings.places import Places
from settings.urls import DatabaseUrl, RelayUrl
from settings.values import Networks, Rate

__all__ = ["Away", "BadSetting", "DatabaseUrl", "Listen", "Networks", "Places", "Rate", "RelayUrl", "Settings", "load"]
