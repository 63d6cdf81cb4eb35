//! Rows of urgent actions.

use diesel::prelude::*;
use domain::{
    UrgentAction, UrgentActionId, Zone,
    date::day,
    urgent_action::{UrgentActionState, Validity},
};

use super::json_column::{json, parse};
use crate::database::{
    Error,
    schema::urgent_actions,
    sql_types::{SqlTimestamp, SqlUuid},
};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = urgent_actions)]
pub(super) struct UrgentActionRow {
    id: SqlUuid,
    number: String,
    update_number: i32,
    issued_on: String,
    expires_on: String,
    zone: String,
    content: String,
    state: String,
    updated_at: SqlTimestamp,
    revision: i32,
}

impl UrgentActionRow {
    pub(super) fn of(action: &UrgentAction) -> Result<Self, Error> {
        Ok(Self {
            id: SqlUuid(action.id.uuid()),
            number: action.number.clone(),
            update_number: action.update.cast_signed(),
            issued_on: action.life.issued_on().to_string(),
            expires_on: action.life.expires_on().to_string(),
            zone: action.life.zone().to_string(),
            content: json(&action.content)?,
            state: action.state.to_string(),
            updated_at: SqlTimestamp(action.updated_at),
            revision: action.revision.cast_signed(),
        })
    }

    pub(super) fn read(self) -> Option<UrgentAction> {
        let zone = Zone::parse(&self.zone).ok()?;
        Some(UrgentAction {
            id: UrgentActionId::new(self.id.0),
            number: self.number,
            update: self.update_number.try_into().ok()?,
            life: Validity::new(day(&self.issued_on).ok()?, day(&self.expires_on).ok()?, zone).ok()?,
            content: parse(&self.content)?,
            state: UrgentActionState::parse(&self.state)?,
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        })
    }
}
