"""What each database engine says differently: `words.py` is what they are asked, each other file one engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from sqlalchemy.dialects import registry

from incident.scope.dialects.words import Column, Engine, Expression

__all__ = ["ENGINES", "Column", "Engine", "Expression"]
_CLASSES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL", "hive": "Spark", "spark": "Spark"}
_FILES = {"hive": "spark"}  # where the name is not the file's
for _name in ("hive", "spark"):  # ours and not PyHive's, which finds no tables on Spark
    registry.register(_name, f"{__name__}.spark_thrift", "SparkDialect")


class _Engines(Mapping[str, Engine]):
    """Each engine by SQLAlchemy's name for it; loaded when it is first asked for."""

    def __getitem__(self, name: str) -> Engine:
        return _engine(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


@cache
def _engine(name: str) -> Engine:
    engine: Engine = getattr(import_module(f"{__name__}.{_FILES.get(name, name)}"), _CLASSES[name])()
    return engine


ENGINES: Mapping[str, Engine] = _Engines()
