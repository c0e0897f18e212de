"""Connections to other machines: `proxies` says through which proxy an address is reached, `handshakes` asks a proxy to
connect (CONNECT, SOCKS5), and `connections` opens connections and knows which certificates are trusted."""
