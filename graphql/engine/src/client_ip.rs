//! The IP address of a client behind a proxy. It is read from the header that the proxy writes: `Forwarded`
//! (RFC 7239), or `X-Forwarded-For` and similar headers, for which there is no standard.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Once,
};

use axum::http::{HeaderMap, HeaderName};

/// The length of the IPv6 prefix that counts as one client. Each subscriber line has a whole /64 (RFC 6177)
/// and could otherwise use another address for each connection.
const IPV6_PREFIX_BITS: u32 = 64;

/// The address for which the limits of a client are counted: the IPv4 address, or the /64 of the IPv6
/// address.
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & (!0 << (128 - IPV6_PREFIX_BITS))).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// The header of a trusted proxy, and whether a warning about an unreadable value was logged.
pub(crate) struct ClientIpHeader {
    header: HeaderName,
    warned: Once,
}

impl ClientIpHeader {
    pub(crate) const fn new(header: HeaderName) -> Self {
        Self { header, warned: Once::new() }
    }

    /// The address of the client: the last entry of the header, which the proxy wrote itself. A client can
    /// forge the entries before it. If the last entry has no address, the request counts for the connecting
    /// peer; counting it for no address would lift every limit per address.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<IpAddr> {
        let value = headers.get_all(&self.header).iter().next_back();
        let client = value.and_then(|value| last_address(value.to_str().ok()?));
        if client.is_none() {
            self.warned.call_once(|| {
                tracing::warn!(
                    header = %self.header,
                    ?value,
                    ?peer,
                    "the client IP header has no address: such requests count for the connecting peer"
                );
            });
        }
        client.or(peer)
    }
}

/// Logs a warning once when requests come through a proxy and no header is configured: all clients behind the
/// proxy then share the limits of one address.
pub(crate) fn warn_about_proxy(headers: &HeaderMap, peer: Option<IpAddr>) {
    static WARNED: Once = Once::new();
    let Some(header) = ["x-forwarded-for", "forwarded"].into_iter().find(|name| headers.contains_key(*name))
    else {
        return;
    };
    WARNED.call_once(|| {
        tracing::warn!(
            header,
            ?peer,
            "a request came through a proxy, but no client IP header is configured: all clients behind the proxy \
             share the limits of one address"
        );
    });
}

/// The address in the last entry of a list.
fn last_address(list: &str) -> Option<IpAddr> {
    let entry = split(list, ',').pop()?;
    let node = split(entry, ';').into_iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    });
    address(&unquoted(node.unwrap_or(entry).trim()))
}

/// Splits a text at separators outside of quotation marks.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (index, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.push(&text[start..index]);
                start = index + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The value of a quoted string (RFC 9110, 5.6.4), or the text itself.
fn unquoted(text: &str) -> String {
    let Some(inside) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let (mut text_value, mut characters) = (String::with_capacity(inside.len()), inside.chars());
    while let Some(character) = characters.next() {
        text_value.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text_value
}

/// Parses an address with or without a port: `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`. `unknown`
/// and obfuscated identifiers (`_x`) have no address.
fn address(node: &str) -> Option<IpAddr> {
    let node = node.trim();
    let found = if let Some(rest) = node.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        is_port(port).then_some(())?;
        // Some proxies put an IPv4 address into brackets too.
        inside.parse::<Ipv4Addr>().map(IpAddr::V4).ok().or_else(|| parse_ipv6(inside))
    } else if let Some((host, port)) = node.split_once(':').filter(|(_, port)| !port.contains(':')) {
        is_port(&format!(":{port}")).then_some(())?;
        host.parse::<Ipv4Addr>().map(IpAddr::V4).ok()
    } else {
        node.parse::<Ipv4Addr>().map(IpAddr::V4).ok().or_else(|| parse_ipv6(node))
    };
    found.map(|found| found.to_canonical())
}

/// Parses an IPv6 address. Its zone names an interface of the proxy (RFC 4007) and is ignored.
fn parse_ipv6(text: &str) -> Option<IpAddr> {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<Ipv6Addr>().map(IpAddr::V6).ok()
}

/// Whether a text is empty, or a colon and a port: a number or an obfuscated identifier.
fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        None => text.is_empty(),
        Some(port) if port.starts_with('_') => true,
        Some(port) => (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_entry_is_parsed_in_every_format() {
        for (list, client) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1 ", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("[192.0.2.1]:80", "192.0.2.1"),
            ("203.0.113.9, 198.51.100.7,192.0.2.1", "192.0.2.1"),
            ("203.0.113.9,\t192.0.2.1:1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:65535", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:c000:201]:80", "192.0.2.1"),
            ("\"192.0.2.1:4711\"", "192.0.2.1"),
            ("10.9.9.9:4711", "10.9.9.9"),
            ("203.0.113.9, 10.9.9.9:4711", "10.9.9.9"),
            ("\"[2001:db8::1]\"", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("203.0.113.9:1, \"[2001:db8::1]:443\"", "2001:db8::1"),
            ("\"2001:db8::1\"", "2001:db8::1"),
            ("[2001:db8::1%25eth0]:443", "2001:db8::1"),
            ("for=10.9.9.9:4711", "10.9.9.9"),
            ("for=192.0.2.60", "192.0.2.60"),
            ("for=192.0.2.43, for=198.51.100.17", "198.51.100.17"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("proto=https; FOR=\"192.0.2.60:_port\" ;host=\"a, for=203.0.113.9\"", "192.0.2.60"),
            ("for=\"203.0.113.9, \\\"for=203.0.113.10\", for=\"\\192.0.2.1\"", "192.0.2.1"),
            ("for=unknown, for=_hidden;by=_x, for=192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(last_address(list), Some(client.parse().expect("an address")), "{list}");
        }
    }

    #[test]
    fn an_entry_without_an_address_is_none() {
        for list in [
            "",
            " ",
            "unknown",
            "_hidden",
            "for=",
            "for=unknown",
            "for=_SEVKISEK",
            "by=192.0.2.1",
            "host=192.0.2.1;proto=https",
            // The entry of the proxy is missing; the one before it may be forged.
            "192.0.2.1,",
            "192.0.2.1, unknown",
            "192.0.2.1, for=\"192.0.2.2",
            "192.0.2.1:port",
            "192.0.2.1:123456",
            "192.0.2.1:",
            "192.0.2",
            "192.0.2.1 192.0.2.2",
            "[2001:db8::1",
            "[2001:db8::1]4711",
            "2001:db8::1]:4711",
            "client.example",
        ] {
            assert_eq!(last_address(list), None, "{list}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_without_a_panic(list in any::<String>()) {
            let _ = last_address(&list);
        }

        #[test]
        fn the_last_entry_counts_whatever_precedes_it(
            prefix in "[ -!#-\\[\\]-~]{0,40}",
            bits in any::<u128>(),
            port in any::<u16>(),
        ) {
            let client = IpAddr::V6(Ipv6Addr::from_bits(bits));
            for last_entry in [format!("{client}"), format!("[{client}]:{port}"), format!("for=\"[{client}]:{port}\"")] {
                prop_assert_eq!(last_address(&format!("{prefix}, {last_entry}")), Some(client.to_canonical()));
            }
        }
    }
}
