//! Authorities and addresses: the most sensitive part of a case.
//!
//! [`Address::find`] is the only way to an address. It returns none unless the case is published and a
//! campaign that includes it is open now, or the urgent action is open. Writing restrictions belong to every
//! address, and a query that selects an address must select its restrictions.

use async_graphql::{Context, Object};
use domain::{Country, address};
use graphql_engine::inline::{Inline, InlineList};

use super::{
    RequestContext,
    case::{SolidarityChannel, WritingRestriction},
    error::ApiError,
    scalar::{CountryCode, EmailAddress, Language},
};

/// The owner of an address. It determines whether the address may be shown.
#[derive(Clone, Copy)]
pub(crate) enum AddressSource<'a> {
    /// A case.
    Case(&'a domain::Case),
    /// An urgent action.
    Action(&'a domain::UrgentAction),
}

impl AddressSource<'_> {
    /// Returns whether its addresses may be shown now; if a section is given, only its campaign is
    /// considered.
    fn serves(self, request: &RequestContext, section: Option<&str>) -> bool {
        let catalogue = &request.catalogue;
        match self {
            Self::Action(action) => catalogue.serves_action(action, request.now),
            Self::Case(case) => match section.map(|code| catalogue.section_by_code(code)) {
                None => catalogue.serves_addresses(case, None, request.now),
                Some(section) => section
                    .is_some_and(|section| catalogue.serves_addresses(case, Some(section.id), request.now)),
            },
        }
    }

    fn restrictions(self) -> InlineList<WritingRestriction> {
        let restrictions = match self {
            Self::Case(case) => &case.content.solidarity.restrictions,
            Self::Action(action) => &action.content.restrictions,
        };
        restrictions.iter().copied().map(WritingRestriction::from).collect()
    }
}

/// An authority of a case or of an urgent action.
pub(crate) struct Authority<'a> {
    request: &'a RequestContext,
    appeal: AddressSource<'a>,
    authority: &'a domain::case::Authority,
}

/// The addressee of an appeal letter.
#[Object(serial)]
impl<'a> Authority<'a> {
    /// The office, such as "Minister of Justice".
    async fn title(&self) -> &'a str {
        &self.authority.title
    }

    /// The name of the office holder.
    async fn name(&self) -> Option<&'a str> {
        self.authority.name.as_deref()
    }

    /// The salutation of the letter.
    async fn salutation(&self) -> Option<&'a str> {
        self.authority.salutation.as_deref()
    }

    /// The authority's own country, which may differ from that of the case or urgent action.
    async fn country(&self) -> Option<CountryCode> {
        self.authority.country.as_ref().map(CountryCode::from)
    }

    /// The address to write to. Null unless the case is published and a campaign that includes it is open
    /// now, or the urgent action is `writable`. The address of a suspended or closed case, or of an expired
    /// or withdrawn urgent action, is never returned. A query that selects `lines`, `internationalLines`
    /// or `email` must also select `restrictions`.
    // Responses with an address are never cached: access to it may end at any moment.
    #[graphql(cache_control(private))]
    async fn address(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "For a case: the code of the section whose campaign must be open; any section if omitted."
        )]
        section: Option<String>,
    ) -> Result<Option<Inline<PostalAddress<'a>>>, ApiError> {
        check_restrictions_asked(ctx)?;
        let (lines, email) = (&self.authority.postal_address, self.authority.email.as_deref());
        let address = PostalAddress::find(self.request, self.appeal, section.as_deref(), lines, email);
        Ok(address
            .map(|address| Inline(PostalAddress { country: self.authority.country.as_ref(), ..address })))
    }
}

impl<'a> Authority<'a> {
    pub(crate) const fn new(
        request: &'a RequestContext,
        appeal: AddressSource<'a>,
        authority: &'a domain::case::Authority,
    ) -> Self {
        Self { request, appeal, authority }
    }
}

/// The solidarity channel of a case.
pub(crate) struct Solidarity<'a> {
    request: &'a RequestContext,
    case: &'a domain::Case,
    solidarity: &'a domain::case::Solidarity,
}

/// The channel for messages of solidarity to the person, and their writing restrictions.
#[Object(serial)]
impl<'a> Solidarity<'a> {
    /// The delivery channel.
    async fn channel(&self) -> SolidarityChannel {
        self.solidarity.channel.into()
    }

    /// Languages that the person reads.
    async fn languages(&self) -> InlineList<Language> {
        self.solidarity.languages.iter().map(Language::from).collect()
    }

    /// Writing restrictions for the safety of the person: what a message must not contain.
    async fn restrictions(&self) -> InlineList<WritingRestriction> {
        AddressSource::Case(self.case).restrictions()
    }

    /// The address to send cards to, if the channel is `POST`. Null unless the case is published and a
    /// campaign that includes it is open now; the address of a suspended or closed case is never returned. A
    /// query that selects `lines` or `internationalLines` must also select `restrictions`.
    // Responses with an address are never cached: access to it may end at any moment.
    #[graphql(cache_control(private))]
    async fn address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the section whose campaign must be open; any section if omitted.")]
        section: Option<String>,
    ) -> Result<Option<Inline<PostalAddress<'a>>>, ApiError> {
        check_restrictions_asked(ctx)?;
        let by_post = matches!(self.solidarity.channel, domain::case::SolidarityChannel::Post);
        let lines = if by_post { self.solidarity.address.as_slice() } else { &[] };
        Ok(PostalAddress::find(self.request, AddressSource::Case(self.case), section.as_deref(), lines, None)
            .map(Inline))
    }
}

impl<'a> Solidarity<'a> {
    pub(crate) const fn new(request: &'a RequestContext, case: &'a domain::Case) -> Self {
        Self { request, case, solidarity: &case.content.solidarity }
    }
}

/// An address that may be shown now.
pub(crate) struct PostalAddress<'a> {
    appeal: AddressSource<'a>,
    lines: &'a [String],
    /// The country of the lines, if it is known.
    country: Option<&'a Country>,
    email: Option<&'a str>,
}

/// An address, with the writing restrictions that apply to every message sent to it.
#[Object(serial)]
impl<'a> PostalAddress<'a> {
    /// The lines of the postal address; empty if letters are not sent by post.
    async fn lines(&self) -> &'a [String] {
        self.lines
    }

    /// The lines of the postal address for letters from other countries: the last line is the name of the authority's
    /// country in capitals and in English, unless the lines end with its name or it is not known. Empty if letters are
    /// not sent by post.
    async fn international_lines(&self) -> Vec<String> {
        address::international(self.lines, self.country)
    }

    /// The e-mail address.
    async fn email(&self) -> Option<EmailAddress> {
        self.email.map(EmailAddress::from)
    }

    /// Writing restrictions for the safety of the person: what a message must not contain. Always display
    /// them beside the address.
    async fn restrictions(&self) -> InlineList<WritingRestriction> {
        self.appeal.restrictions()
    }
}

impl<'a> PostalAddress<'a> {
    /// Returns the address if there is one and it may be shown now.
    fn find(
        request: &RequestContext,
        appeal: AddressSource<'a>,
        section: Option<&str>,
        lines: &'a [String],
        email: Option<&'a str>,
    ) -> Option<Self> {
        let exists = !lines.is_empty() || email.is_some();
        (appeal.serves(request, section) && exists).then_some(Self { appeal, lines, country: None, email })
    }
}

/// Rejects a selection of an address without its restrictions. A client that shows an address without them
/// could put a person in danger, so the document itself must select both, whether or not there is an address
/// to return.
fn check_restrictions_asked(ctx: &Context<'_>) -> Result<(), ApiError> {
    let requested = |field| ctx.look_ahead().field(field).exists();
    let is_address = ["lines", "internationalLines", "email"].into_iter().any(requested);
    if is_address && !requested("restrictions") {
        return Err(ApiError::bad_input(
            "A query that selects an address must also select its `restrictions`.",
        ));
    }
    Ok(())
}
