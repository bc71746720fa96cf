"""Work spread over a Dask cluster: the executor port behind `ATALAYA_ENGINE`."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module

from atalaya.base.errors import Usage


@contextmanager
def cluster_executor(address: str) -> Iterator[Executor]:
    """An executor of the cluster at an address such as `tcp://scheduler:8786`.

    Raises:
        Usage: CLI-022, the client is not installed, or nobody answers there.
    """
    try:
        distributed = import_module("distributed")
        client = distributed.Client(address.removeprefix("dask+"), timeout="10s")
    except (ImportError, OSError, ValueError) as error:
        raise Usage("CLI-022", where="ATALAYA_ENGINE", engine=address, detail=str(error)[:120]) from error
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()
