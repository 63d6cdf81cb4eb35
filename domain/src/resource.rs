//! A resource: something to download or order for those who write, organize or teach.
//!
//! A resource that may contain an address names the case of that address and is served under the rule
//! of the address. Any other resource about a case is served while the case is published.
//!
//! ```
//! use domain::resource::{ResourceContents, ResourceKind};
//! assert_eq!(ResourceKind::AddressLabels.carries(), ResourceContents::Address);
//! assert_eq!(ResourceKind::Poster.carries(), ResourceContents::Nothing);
//! ```

mod draft;
mod transition;

pub use draft::ResourceDraft;
pub use transition::{MAX_RESOURCES, add, change, retire};

use jiff::Timestamp;

use crate::{
    CaseId, EditionId, ResourceId,
    string_enum::string_enum,
    text::{self, Language},
    violation::ViolationKind,
};

string_enum! {
    /// What there is to download or order.
    ///
    /// ```
    /// assert_eq!(domain::resource::ResourceKind::EducatorsGuide.as_str(), "EDUCATORS_GUIDE");
    /// ```
    pub enum ResourceKind {
        /// The subject of a case, what to ask for and which authorities to ask.
        CaseSheet = "CASE_SHEET",
        /// A letter to start from.
        SampleLetter = "SAMPLE_LETTER",
        /// Something to hang up.
        Poster = "POSTER",
        /// A sheet to sign.
        PetitionSheet = "PETITION_SHEET",
        /// Addresses to stick on envelopes.
        AddressLabels = "ADDRESS_LABELS",
        /// Lessons and activities.
        EducatorsGuide = "EDUCATORS_GUIDE",
        /// What an organizer needs for an event.
        EventKit = "EVENT_KIT",
        /// Words and pictures to pass on.
        SocialPost = "SOCIAL_POST",
        /// A film.
        Video = "VIDEO",
        /// Anything else.
        Other = "OTHER",
    }
}

string_enum! {
    /// The audience of a resource.
    ///
    /// ```
    /// assert_eq!(domain::resource::ResourceAudience::Everyone.as_str(), "EVERYONE");
    /// ```
    pub enum ResourceAudience {
        /// People who write.
        Writers = "WRITERS",
        /// People who bring others together.
        Organizers = "ORGANIZERS",
        /// People who teach.
        Educators = "EDUCATORS",
        /// All of them.
        Everyone = "EVERYONE",
    }
}

string_enum! {
    /// The state of a resource.
    ///
    /// ```
    /// assert_eq!(domain::resource::ResourceState::Retired.as_str(), "RETIRED");
    /// ```
    pub enum ResourceState {
        /// Anyone may have it.
        Offered = "OFFERED",
        /// It is no longer served.
        Retired = "RETIRED",
    }
}

/// What of a case may be in a resource of a kind.
///
/// ```
/// use domain::resource::{ResourceContents, ResourceKind};
/// assert_eq!(ResourceKind::CaseSheet.carries(), ResourceContents::Address);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceContents {
    /// An address of a case, which has to be named.
    Address,
    /// Perhaps an address, if it is about a case.
    PerhapsAddress,
    /// No address.
    Nothing,
}

impl ResourceKind {
    /// What of a case may be in it.
    #[must_use]
    pub const fn carries(self) -> ResourceContents {
        match self {
            Self::CaseSheet | Self::SampleLetter | Self::PetitionSheet | Self::AddressLabels => {
                ResourceContents::Address
            }
            Self::Other => ResourceContents::PerhapsAddress,
            Self::Poster | Self::EducatorsGuide | Self::EventKit | Self::SocialPost | Self::Video => {
                ResourceContents::Nothing
            }
        }
    }
}

/// Something to download or order.
///
/// ```
/// use domain::{Language, Resource, ResourceId, resource::{ResourceAudience, ResourceKind, ResourceState}};
/// let guide = Resource {
///     id: ResourceId::new(uuid::Uuid::from_u128(1)),
///     kind: ResourceKind::EducatorsGuide,
///     title: "Ten lessons".into(),
///     edition_id: None,
///     case_id: None,
///     language: Language::parse("en").unwrap(),
///     audience: ResourceAudience::Educators,
///     url: "https://example.org/lessons.pdf".into(),
///     version: None,
///     state: ResourceState::Offered,
///     updated_at: jiff::Timestamp::UNIX_EPOCH,
///     revision: 1,
/// };
/// assert!(guide.is_for(ResourceAudience::Educators) && !guide.is_for(ResourceAudience::Writers));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its identity.
    pub id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// Its title, 1–200 characters.
    pub title: String,
    /// The edition it belongs to, if it is not for every year.
    pub edition_id: Option<EditionId>,
    /// The case it is about, if it is about one; the edition is that of the case then.
    pub case_id: Option<CaseId>,
    /// The language it is in; `zxx` where there are no words.
    pub language: Language,
    /// The audience it is for.
    pub audience: ResourceAudience,
    /// Where it is: an `https` address.
    pub url: String,
    /// Which version of it is there, as its makers call it, 1–200 characters.
    pub version: Option<String>,
    /// Whether it is offered or retired.
    pub state: ResourceState,
    /// When it last changed in any way.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

impl Resource {
    /// Whether it is for these people.
    #[must_use]
    pub fn is_for(&self, audience: ResourceAudience) -> bool {
        self.audience == audience || self.audience == ResourceAudience::Everyone
    }
}

/// Where a resource is, as typed: an `https` address. What comes over `http` may have been changed on
/// its way, and an address on a label with it.
///
/// # Errors
/// [`ViolationKind::UrlInvalid`] or [`ViolationKind::UrlNotSecure`].
///
/// ```
/// use domain::{ViolationKind, resource};
/// assert!(resource::url("https://example.org/labels.pdf").is_ok());
/// assert_eq!(resource::url("http://example.org/labels.pdf"), Err(ViolationKind::UrlNotSecure));
/// ```
pub fn url(typed: &str) -> Result<String, ViolationKind> {
    let url = text::url(typed)?;
    if url.starts_with("https:") { Ok(url) } else { Err(ViolationKind::UrlNotSecure) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_everyone_is_for_each() {
        let resource = |audience| Resource {
            id: ResourceId::new(uuid::Uuid::nil()),
            kind: ResourceKind::Poster,
            title: "Write!".into(),
            edition_id: None,
            case_id: None,
            language: Language::parse("zxx").expect("no language"),
            audience,
            url: "https://example.org/poster.pdf".into(),
            version: None,
            state: ResourceState::Offered,
            updated_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        for &audience in ResourceAudience::ALL {
            assert!(resource(ResourceAudience::Everyone).is_for(audience));
            assert!(resource(audience).is_for(audience));
        }
        assert!(!resource(ResourceAudience::Organizers).is_for(ResourceAudience::Educators));
        assert!(!resource(ResourceAudience::Organizers).is_for(ResourceAudience::Everyone));
    }

    #[test]
    fn a_resource_is_downloaded_over_https() {
        assert_eq!(url("HTTPS://Example.org/a b"), Ok("https://example.org/a%20b".to_owned()));
        assert_eq!(url("http://example.org"), Err(ViolationKind::UrlNotSecure));
        for bad in ["", "example.org", "ftp://example.org", "data:text/html,hello", "javascript:alert(1)"] {
            assert_eq!(url(bad), Err(ViolationKind::UrlInvalid), "{bad}");
        }
    }
}
