"""The HTTPS side of the server: its certificate, renewed while it serves, and the kubeconfig
that trusts it."""

import asyncio
import logging
import ssl

import uvicorn

from application.ports.clock import Clock
from infrastructure.data_directory.kubeconfig import write_kubeconfig
from infrastructure.settings import Settings
from infrastructure.tls.certificates import ServerFiles, server_files
from infrastructure.tls.own_certificate import OwnCertificate
from infrastructure.unusable import Unusable

_log = logging.getLogger(__name__)
_LOOK_EVERY = 12 * 3600.0
_LOOK_AT_OWN_EVERY = 60.0


class Tls:
    """Keeps certificate and kubeconfig in order for one HTTPS address."""

    def __init__(self, settings: Settings, clock: Clock, token: str, address: str) -> None:
        self._settings = settings
        self._clock = clock
        self._token = token
        self._address = address
        self._context: ssl.SSLContext | None = None
        self._own: OwnCertificate | None = None
        if settings.tls_cert is not None and settings.tls_key is not None:
            self._own = OwnCertificate(settings.tls_cert, settings.tls_key)

    def configure(self, config: uvicorn.Config) -> uvicorn.Config:
        """Let `config` serve HTTPS, and write the kubeconfig for it.

        Raises Unusable when a file cannot be read or written or is none of ours."""
        try:
            files = self._files()
        except OSError as error:
            place = error.filename or self._settings.data_dir  # a write does not name its file
            raise Unusable(f"{place}: {error.strerror}") from error
        config.ssl_certfile, config.ssl_keyfile = files.certificate, files.key
        config.load()
        self._context = config.ssl
        return config

    async def renew_in_time(self) -> None:
        """Renew the certificate a month before it ends, or use the new one that its owner has
        put there, for as long as the service runs. Open connections go on."""
        while True:
            await asyncio.sleep(_LOOK_EVERY if self._own is None else _LOOK_AT_OWN_EVERY)
            try:
                self._renew()
            except (OSError, Unusable) as error:
                _log.warning("the certificate could not be renewed", extra={"error": str(error)})

    def _renew(self) -> None:
        files = self._files()
        if files.renewed and self._context is not None:
            self._context.load_cert_chain(files.certificate, files.key)
            _log.info("the certificate was renewed")

    def _files(self) -> ServerFiles:
        settings = self._settings
        if self._own is not None:
            files = self._own.files()
        else:
            now, names = self._clock.now(), settings.tls_names
            files = server_files(settings.data_dir, settings.host, now, names)
        write_kubeconfig(
            settings.data_dir,
            address=self._address,
            token=self._token,
            authority=files.authority,
        )
        return files
