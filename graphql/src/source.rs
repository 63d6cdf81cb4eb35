//! The source of a request: the client address that limits are applied to, and keyed hashes (marks) of
//! it that identify no person.

use std::net::{IpAddr, Ipv6Addr};

use domain::{CampaignId, report::BudgetSource};
use graphql_engine::client_network;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::credentials::SecretHash;

/// The prefix lengths of a site's network, for IPv6 and IPv4: the most that one subscriber is given, or
/// that is announced by BGP.
const NETWORK_BITS: (u32, u32) = (48, 24);

/// The network that contains an address.
fn network(address: IpAddr) -> IpAddr {
    let (of_six, of_four) = NETWORK_BITS;
    match address.to_canonical() {
        IpAddr::V6(address) => first_bits(address, of_six).into(),
        IpAddr::V4(address) => {
            std::net::Ipv4Addr::from_bits(address.to_bits() & (!0 << (32 - of_four))).into()
        }
    }
}

fn first_bits(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (!0 << (128 - bits)))
}

/// The scope of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One client address.
    Address(IpAddr),
    /// The network of this address.
    Network(IpAddr),
    /// A campaign, for all addresses.
    Campaign,
}

/// The key of a database for the marks of addresses. Without it, the address of a mark cannot be found.
#[derive(Clone, Copy)]
pub struct SourceKey(SecretHash);

impl SourceKey {
    /// Generates a new key.
    #[must_use]
    pub fn generate() -> Self {
        Self(SecretHash::of(&crate::credentials::new_email_token()))
    }

    /// Parses a key as it is stored.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        SecretHash::parse(digits).map(Self)
    }

    /// The marks of an address.
    #[must_use]
    pub fn source(self, address: IpAddr) -> BudgetSource {
        let mark = |noun: &str, address: IpAddr| {
            let hash = self.hash(&[noun.as_bytes(), &bytes(address)]);
            let (mark, _) = hash.split_first_chunk().expect("32 bytes are more than 16");
            *mark
        };
        BudgetSource {
            address: mark("mark of an address", client_network(address)),
            network: mark("mark of a network", network(address)),
        }
    }

    /// The key that a budget is stored under: its scope, its campaign and the hour since 1970.
    #[must_use]
    pub fn budget(self, scope: Scope, campaign: CampaignId, hour: i64) -> SecretHash {
        let (noun, address) = match scope {
            Scope::Address(address) => ("budget of an address", Some(client_network(address))),
            Scope::Network(address) => ("budget of a network", Some(network(address))),
            Scope::Campaign => ("budget of a campaign", None),
        };
        let address = address.map_or([0; 16], bytes);
        let (campaign, hour) = (campaign.uuid(), hour.to_be_bytes());
        let of = [noun.as_bytes(), campaign.as_bytes(), &hour, &address];
        SecretHash::from_bytes(self.hash(&of))
    }

    fn hash(self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.to_string().as_bytes())
            .expect("HMAC takes a key of any length");
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for SourceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SourceKey(…)")
    }
}

impl std::fmt::Display for SourceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_mark_is_that_of_a_household_and_of_its_network() {
        let key = SourceKey::generate();
        let source = |text| key.source(address(text));
        assert_eq!(source("2001:db8:1:2::3"), source("2001:db8:1:2:9::4"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
        for (one, other, in_one_network) in [
            ("192.0.2.1", "192.0.2.200", true),
            ("192.0.2.1", "192.0.3.1", false),
            ("2001:db8:1:2::3", "2001:db8:1:3::3", true),
            ("2001:db8:1:2::3", "2001:db8:2:2::3", false),
        ] {
            let (one, other) = (source(one), source(other));
            assert_ne!(one.address, other.address);
            assert_eq!(one.network == other.network, in_one_network);
        }
        assert_ne!(
            SourceKey::generate().source(address("192.0.2.1")),
            source("192.0.2.1"),
            "each key marks anew"
        );
    }

    #[test]
    fn each_scope_campaign_and_hour_has_a_budget_of_its_own() {
        let key = SourceKey::generate();
        let (one, other) =
            (CampaignId::new(uuid::Uuid::from_u128(1)), CampaignId::new(uuid::Uuid::from_u128(2)));
        let (here, there) = (address("192.0.2.1"), address("192.0.2.2"));
        let budgets: std::collections::BTreeSet<_> = [
            key.budget(Scope::Address(here), one, 7),
            key.budget(Scope::Address(there), one, 7),
            key.budget(Scope::Network(here), one, 7),
            key.budget(Scope::Campaign, one, 7),
            key.budget(Scope::Address(here), other, 7),
            key.budget(Scope::Address(here), one, 8),
        ]
        .into();
        assert_eq!(budgets.len(), 6);
        let same = key.budget(Scope::Network(there), one, 7);
        assert!(budgets.contains(&same), "they share a network");
    }
}
