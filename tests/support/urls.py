"""URLs that no webhook may go to."""

from __future__ import annotations

from ipaddress import IPv6Address

NO_PLAIN_HTTPS: list[tuple[str, str]] = [
    *((value, "url") for value in ("", "hooks.example.com", "//hooks.example.com", "https:/a.example", "https:///a")),
    *((value, "url") for value in ("https://", "https:a.example", "https://?a", "https://#a", "1ttps://a.example")),
    *((f"https://a{c}b.example/", "url_characters") for c in " \t\n\r\0\x7f\x85\xa0\\"),
    *((f"https://a.example/a{c}b", "url_characters") for c in " \t\n\r\0\x7f\x85\xa0\\č"),
    *((f"{c}https://a.example/", "url_characters") for c in " \n\ufeff"),
    *((f"https://a.example/{c}", "url_characters") for c in " \n"),
    *((f"https://{host}/", "url_characters") for host in ("čaj.sk", "１２７.0.0.1", "127。0。0。1")),
    *((f"https://{host}/", "url_characters") for host in ("ⓛocalhost", "раypal.com")),
    *((f"https://{who}@a.example/", "url_credentials") for who in ("", "me", "me:secret", ":", "8.8.8.8:443")),
    ("https://a.example/#", "url_fragment"),
    ("https://a.example#@b.example/", "url_fragment"),
    *((f"{scheme}://a.example/", "url_https") for scheme in ("http", "HTTP", "ftp", "file", "gopher", "ws")),
    ("http://127.0.0.1/", "url_https"),
    *((f"https://a.example:{port}/", "url_port") for port in ("", "0", "65536", "99999", "443a", "-1", "0443")),
    *((f"https://a.example:{port}/", "url_port") for port in ("+1", "1:2", "9" * 30)),
]  # fmt: skip
"""With the code of what is wrong."""

NO_HOSTS = [
    *("2130706433", "0x7f000001", "017700000001", "127.1", "127.0.1", "0x7f.1", "0x7f.0.0.1", "0177.0.0.1", "0"),
    *("127.0.0.01", "0127.0.0.1", "127.0.0.0x1", "1.1.1.1.1", "256.1.1.1", "a.1", "a.0x", "a.0xf", "1.2.3.4."),
    *("a.example.", "localhost.", ".a.example", "a..example", ".", "..", "-a.example", "a-.example", "a_b.example"),
    *("a%2eexample", "127.0.0.1%00", "%31%32%37.0.0.1", "a*b.example", "*.example", "a,b.example", "a'b.example"),
    *("[::1", "::1", "[]", "[1]", "[8.8.8.8]", "[::ffff:8.8.8.8]", "[0:0:0:0:0:0:0:1]", "[2a00::0001]", "[v1.a]"),
    *("[fe80::1%eth0]", "[fe80::1%25eth0]", "[::1]a", "a[::1]", "2a00:1450::1", "[2a00:1450::1].example"),
    *("a" * 64 + ".example", ".".join(["a" * 63] * 4)),
]
"""Neither names nor addresses as they are usually written."""

NO_PUBLIC_HOSTS = [
    *("localhost", "LOCALHOST", "a.localhost", "printer.local", "LOCAL", "metadata.google.internal", "a.home.arpa"),
    *("home.arpa", "a.localdomain", "a.lan", "a.corp", "a.home", "a.intranet", "a.private", "intranet", "sk"),
    *("127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "192.0.0.192", "0.0.0.0", "255.255.255.255"),
    *("[::1]", "[::]", "[fd00:ec2::254]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]"),
    "[::ffff:7f00:1]" if str(IPv6Address("::ffff:127.0.0.1")) == "::ffff:7f00:1" else "[::1]",
]
