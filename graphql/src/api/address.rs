//! Whom to write to and where: the part of a case that can put somebody in danger.
//!
//! There is one way to an address, [`Address::find`], and it is closed unless the case is published
//! and a campaign that writes for it lets people write at this moment, or the urgent action is open. What
//! must not be in a message travels with every address, and nobody can ask for the one without the other.

use async_graphql::{Context, Object};

use super::{
    RequestContext,
    case::{Restriction, SolidarityChannel},
    error::ApiError,
    inline::{Inline, List},
    scalar::{CountryCode, EmailAddress, Language},
};

/// What an address belongs to, which says whether it may be given.
#[derive(Clone, Copy)]
pub(crate) enum AddressSource<'a> {
    /// A case.
    Case(&'a domain::Case),
    /// An urgent action.
    Action(&'a domain::UrgentAction),
}

impl AddressSource<'_> {
    /// Whether its addresses may be given now, by the campaign of this section if one is named.
    fn serves(self, asking: &RequestContext, section: Option<&str>) -> bool {
        let catalogue = &asking.catalogue;
        match self {
            Self::Action(action) => catalogue.serves_action(action, asking.now),
            Self::Case(case) => match section.map(|code| catalogue.section_by_code(code)) {
                None => catalogue.serves_addresses(case, None, asking.now),
                Some(section) => section
                    .is_some_and(|section| catalogue.serves_addresses(case, Some(section.id), asking.now)),
            },
        }
    }

    fn restrictions(self) -> List<Restriction> {
        let restrictions = match self {
            Self::Case(case) => &case.content.solidarity.restrictions,
            Self::Action(action) => &action.content.restrictions,
        };
        restrictions.iter().copied().map(Restriction::from).collect()
    }
}

/// An authority of a case or of an urgent action.
pub(crate) struct Authority<'a> {
    asking: &'a RequestContext,
    appeal: AddressSource<'a>,
    authority: &'a domain::case::Authority,
}

/// Whom an appeal letter addresses.
#[Object(serial)]
impl<'a> Authority<'a> {
    /// The office.
    async fn title(&self) -> &'a str {
        &self.authority.title
    }

    /// Who holds it.
    async fn name(&self) -> Option<&'a str> {
        self.authority.name.as_deref()
    }

    /// How a letter begins.
    async fn salutation(&self) -> Option<&'a str> {
        self.authority.salutation.as_deref()
    }

    /// Its own country, which may differ from that of the case or urgent action.
    async fn country(&self) -> Option<CountryCode> {
        self.authority.country.as_ref().map(CountryCode::from)
    }

    /// Where to write. Null unless the case is published and a campaign that writes for it is open
    /// now, or the urgent action is `writable`; an address of a suspended or closed case, or of an
    /// expired or withdrawn urgent action, is never given. Whoever asks for `lines` or `email` asks for
    /// `restrictions` too.
    // Nobody keeps an answer with an address: it may have to vanish the next moment.
    #[graphql(cache_control(private))]
    async fn address(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Of a case: the code of the section whose campaign has to be open; any if it is left \
            out."
        )]
        section: Option<String>,
    ) -> Result<Option<Inline<Address<'a>>>, ApiError> {
        check_restrictions_asked(ctx)?;
        let (lines, email) = (&self.authority.postal_address, self.authority.email.as_deref());
        Ok(Address::find(self.asking, self.appeal, section.as_deref(), lines, email).map(Inline))
    }
}

impl<'a> Authority<'a> {
    pub(crate) const fn new(
        asking: &'a RequestContext,
        appeal: AddressSource<'a>,
        authority: &'a domain::case::Authority,
    ) -> Self {
        Self { asking, appeal, authority }
    }
}

/// The solidarity channel of a case.
pub(crate) struct Solidarity<'a> {
    asking: &'a RequestContext,
    case: &'a domain::Case,
    solidarity: &'a domain::case::Solidarity,
}

/// How a message of solidarity reaches the person, and what must not be in it.
#[Object(serial)]
impl<'a> Solidarity<'a> {
    /// The way.
    async fn channel(&self) -> SolidarityChannel {
        self.solidarity.channel.into()
    }

    /// Languages that the person reads.
    async fn languages(&self) -> List<Language> {
        self.solidarity.languages.iter().map(Language::from).collect()
    }

    /// What must not be in a message, for the safety of the person.
    async fn restrictions(&self) -> List<Restriction> {
        AddressSource::Case(self.case).restrictions()
    }

    /// Where to send a card, if the channel is `POST`. Null unless the case is published and a
    /// campaign that writes for it is open now; an address of a suspended or closed case is never
    /// given. Whoever asks for `lines` asks for `restrictions` too.
    // Nobody keeps an answer with an address: it may have to vanish the next moment.
    #[graphql(cache_control(private))]
    async fn address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code of the section whose campaign has to be open; any if it is left out.")]
        section: Option<String>,
    ) -> Result<Option<Inline<Address<'a>>>, ApiError> {
        check_restrictions_asked(ctx)?;
        let by_post = matches!(self.solidarity.channel, domain::case::SolidarityChannel::Post);
        let lines = if by_post { self.solidarity.address.as_slice() } else { &[] };
        Ok(Address::find(self.asking, AddressSource::Case(self.case), section.as_deref(), lines, None)
            .map(Inline))
    }
}

impl<'a> Solidarity<'a> {
    pub(crate) const fn new(asking: &'a RequestContext, case: &'a domain::Case) -> Self {
        Self { asking, case, solidarity: &case.content.solidarity }
    }
}

/// An address that may be given now.
pub(crate) struct Address<'a> {
    appeal: AddressSource<'a>,
    lines: &'a [String],
    email: Option<&'a str>,
}

/// An address with what must not be in a message to it.
#[Object(serial)]
impl<'a> Address<'a> {
    /// The lines of the envelope; none where letters go another way.
    async fn lines(&self) -> &'a [String] {
        self.lines
    }

    /// The e-mail address.
    async fn email(&self) -> Option<EmailAddress> {
        self.email.map(EmailAddress::from)
    }

    /// What must not be in a message, for the safety of the person. Show it beside the address.
    async fn restrictions(&self) -> List<Restriction> {
        self.appeal.restrictions()
    }
}

impl<'a> Address<'a> {
    /// The address, if it may be given now, and if there is one.
    fn find(
        asking: &RequestContext,
        appeal: AddressSource<'a>,
        section: Option<&str>,
        lines: &'a [String],
        email: Option<&'a str>,
    ) -> Option<Self> {
        let exists = !lines.is_empty() || email.is_some();
        (appeal.serves(asking, section) && exists).then_some(Self { appeal, lines, email })
    }
}

/// A screen that shows an address without what must not be written to it could cost somebody their
/// freedom; so the document itself has to ask for both, whether or not there is anything to give.
fn check_restrictions_asked(ctx: &Context<'_>) -> Result<(), ApiError> {
    let asked = |field| ctx.look_ahead().field(field).exists();
    if (asked("lines") || asked("email")) && !asked("restrictions") {
        return Err(ApiError::bad_input("Whoever asks for an address asks for its `restrictions` too."));
    }
    Ok(())
}
