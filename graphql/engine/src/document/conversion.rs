//! The engine's own form of a judged document, with the places in the text that was sent.

use std::{collections::HashMap, convert::Infallible};

use apollo_compiler::{
    Node,
    ast::{self, Definition},
};
use async_graphql::{
    Name, Positioned,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition,
        FragmentSpread, InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet, Type,
        TypeCondition, VariableDefinition,
    },
};
use async_graphql_value::{ConstValue, Number, Value};

use super::source_map::SourceMap;

/// Each operation of a document, alone with the fragments that it spreads.
pub(super) fn executable_documents(
    document: &ast::Document,
    source_map: &SourceMap,
) -> Vec<(Option<Box<str>>, OperationType, ExecutableDocument)> {
    let text = AstConverter { lines: source_map };
    let fragments: HashMap<Name, Positioned<FragmentDefinition>> = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some((
                name(&fragment.name),
                Positioned::new(text.fragment(fragment), source_map.position(fragment.location())),
            )),
            _ => None,
        })
        .collect();
    document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::OperationDefinition(operation) => Some(operation),
            _ => None,
        })
        .map(|operation| {
            let runnable = text.operation(operation);
            let mut spread = HashMap::new();
            collect_fragments(&runnable.node.selection_set.node, &fragments, &mut spread);
            let kind = runnable.node.ty;
            let operations = match &operation.name {
                None => DocumentOperations::Single(runnable),
                Some(of_operation) => {
                    DocumentOperations::Multiple(HashMap::from([(name(of_operation), runnable)]))
                }
            };
            let name = operation.name.as_ref().map(|name| name.as_str().into());
            (name, kind, ExecutableDocument { operations, fragments: spread })
        })
        .collect()
}

fn collect_fragments(
    set: &SelectionSet,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
    spread: &mut HashMap<Name, Positioned<FragmentDefinition>>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_fragments(&field.node.selection_set.node, fragments, spread),
            Selection::InlineFragment(inline) => collect_fragments(&inline.node.selection_set.node, fragments, spread),
            Selection::FragmentSpread(found) => {
                let name = &found.node.fragment_name.node;
                if let Some(fragment) = fragments.get(name)
                    && spread.insert(name.clone(), fragment.clone()).is_none()
                {
                    collect_fragments(&fragment.node.selection_set.node, fragments, spread);
                }
            }
        }
    }
}

struct AstConverter<'a> {
    lines: &'a SourceMap,
}

impl AstConverter<'_> {
    fn name(&self, of: &ast::NamedType) -> Positioned<Name> {
        Positioned::new(name(of), self.lines.position(of.location()))
    }

    fn operation(&self, operation: &Node<ast::OperationDefinition>) -> Positioned<OperationDefinition> {
        let place = self.lines.position(operation.location());
        let ty = match operation.operation_type {
            ast::OperationType::Query => OperationType::Query,
            ast::OperationType::Mutation => OperationType::Mutation,
            ast::OperationType::Subscription => OperationType::Subscription,
        };
        let variable_definitions =
            operation.variables.iter().map(|variable| self.variable(variable)).collect();
        let directives = self.directives(&operation.directives);
        let selection_set = Positioned::new(self.selections(&operation.selection_set), place);
        Positioned::new(OperationDefinition { ty, variable_definitions, directives, selection_set }, place)
    }

    fn fragment(&self, fragment: &ast::FragmentDefinition) -> FragmentDefinition {
        let on = self.name(&fragment.type_condition);
        let place = on.pos;
        FragmentDefinition {
            type_condition: Positioned::new(TypeCondition { on }, place),
            directives: self.directives(&fragment.directives),
            selection_set: Positioned::new(self.selections(&fragment.selection_set), place),
        }
    }

    fn variable(&self, variable: &Node<ast::VariableDefinition>) -> Positioned<VariableDefinition> {
        let place = self.lines.position(variable.location());
        let default_value = variable
            .default_value
            .as_ref()
            .map(|value| Positioned::new(constant(value), self.lines.position(value.location())));
        let definition = VariableDefinition {
            name: self.name(&variable.name),
            var_type: Positioned::new(convert_type(&variable.ty), place),
            directives: self.directives(&variable.directives),
            default_value,
        };
        Positioned::new(definition, place)
    }

    fn selections(&self, selections: &[ast::Selection]) -> SelectionSet {
        SelectionSet { items: selections.iter().map(|selection| self.selection(selection)).collect() }
    }

    fn selection(&self, selection: &ast::Selection) -> Positioned<Selection> {
        match selection {
            ast::Selection::Field(field) => {
                let place = self.lines.position(field.location());
                let field = Field {
                    alias: field.alias.as_ref().map(|alias| self.name(alias)),
                    name: self.name(&field.name),
                    arguments: self.arguments(&field.arguments),
                    directives: self.directives(&field.directives),
                    selection_set: Positioned::new(self.selections(&field.selection_set), place),
                };
                Positioned::new(Selection::Field(Positioned::new(field, place)), place)
            }
            ast::Selection::FragmentSpread(spread) => {
                let place = self.lines.position(spread.location());
                let spread = FragmentSpread {
                    fragment_name: self.name(&spread.fragment_name),
                    directives: self.directives(&spread.directives),
                };
                Positioned::new(Selection::FragmentSpread(Positioned::new(spread, place)), place)
            }
            ast::Selection::InlineFragment(inline) => {
                let place = self.lines.position(inline.location());
                let type_condition = inline.type_condition.as_ref().map(|on| {
                    let on = self.name(on);
                    let place = on.pos;
                    Positioned::new(TypeCondition { on }, place)
                });
                let inline = InlineFragment {
                    type_condition,
                    directives: self.directives(&inline.directives),
                    selection_set: Positioned::new(self.selections(&inline.selection_set), place),
                };
                Positioned::new(Selection::InlineFragment(Positioned::new(inline, place)), place)
            }
        }
    }

    fn directives(&self, directives: &ast::DirectiveList) -> Vec<Positioned<Directive>> {
        directives
            .iter()
            .map(|directive| {
                let found = Directive {
                    name: self.name(&directive.name),
                    arguments: self.arguments(&directive.arguments),
                };
                Positioned::new(found, self.lines.position(directive.location()))
            })
            .collect()
    }

    fn arguments(&self, arguments: &[Node<ast::Argument>]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        arguments
            .iter()
            .map(|argument| {
                let place = self.lines.position(argument.value.location());
                (self.name(&argument.name), Positioned::new(value(&argument.value), place))
            })
            .collect()
    }
}

fn convert_type(of: &ast::Type) -> Type {
    let base = match of {
        ast::Type::Named(of) | ast::Type::NonNullNamed(of) => BaseType::Named(name(of)),
        ast::Type::List(inner) | ast::Type::NonNullList(inner) => BaseType::List(Box::new(convert_type(inner))),
    };
    Type { base, nullable: !of.is_non_null() }
}

fn value(of: &ast::Value) -> Value {
    match of {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(member) => Value::Enum(name(member)),
        ast::Value::Variable(variable) => Value::Variable(name(variable)),
        ast::Value::String(text) => Value::String(text.clone()),
        ast::Value::Boolean(truth) => Value::Boolean(*truth),
        ast::Value::Int(number) => parse_number(number.as_str()),
        ast::Value::Float(number) => parse_number(number.as_str()),
        ast::Value::List(items) => Value::List(items.iter().map(|item| value(item)).collect()),
        ast::Value::Object(members) => {
            Value::Object(members.iter().map(|(of, member)| (name(of), value(member))).collect())
        }
    }
}

/// A number too big for every scalar (`1e999`) becomes its text, which no number is read from.
fn parse_number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::String(digits.to_owned()), Value::Number)
}

/// A value as far as it is written out: a variable counts as null.
pub(super) fn literal_value(of: &ast::Value) -> ConstValue {
    value(of).into_const_with(|_| Ok::<_, Infallible>(ConstValue::Null)).unwrap_or_default()
}

/// A value without variables, as the defaults of variables are.
fn constant(of: &ast::Value) -> ConstValue {
    value(of).into_const().unwrap_or_default()
}

pub(super) fn name(name: &apollo_compiler::Name) -> Name {
    Name::new(name.as_str())
}
