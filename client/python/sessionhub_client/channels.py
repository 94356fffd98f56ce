"""How a client reaches a hub: with which token, and with which certificates."""
import grpc

# What a hub answers whose token is not the right one.
NOT_LET_IN = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


def _bytes_of(path):
    if not path:
        return None
    with open(path, "rb") as file:
        return file.read()


class Security:
    """`token` is what `sessionhubctl tokens create` printed. With `tls`, or any of the PEM files,
    the connection is TLS; `tls_ca` are the hub's roots, the other two what this client shows, and
    `tls_server_name` the name of the hub's certificate if it is not the endpoint's host."""

    def __init__(self, token="", tls=False, tls_ca="", tls_certificate="", tls_key="",
                 tls_server_name=""):
        self._token = token
        self._tls = tls or bool(tls_ca or tls_certificate or tls_key or tls_server_name)
        self._ca, self._certificate, self._key = tls_ca, tls_certificate, tls_key
        self._server_name = tls_server_name
        self._files = self._read() if self._tls else ()  # what cannot be read is told at once

    def _read(self):
        return _bytes_of(self._ca), _bytes_of(self._key), _bytes_of(self._certificate)

    def channel_to(self, endpoint):
        """A channel. The files are read anew: one that was replaced counts from now on."""
        if not self._tls:
            return grpc.insecure_channel(endpoint)
        options = []
        if self._server_name:
            options.append(("grpc.ssl_target_name_override", self._server_name))
        try:
            self._files = self._read()
        except OSError:  # in the midst of being replaced
            pass
        return grpc.secure_channel(
            endpoint, grpc.ssl_channel_credentials(*self._files), options)

    def metadata(self):
        """What goes with each call."""
        return (("authorization", "Bearer " + self._token),) if self._token else ()
