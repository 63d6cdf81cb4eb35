//! Conversion of a validated document to the syntax tree of async-graphql, with the positions of the original
//! text.

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

/// Each operation of a document, with the fragments that it uses.
pub(super) fn executable_documents(
    document: &ast::Document,
    source_map: &SourceMap,
) -> Vec<(Option<Box<str>>, OperationType, ExecutableDocument)> {
    let converter = AstConverter { source_map };
    let fragments: HashMap<Name, Positioned<FragmentDefinition>> = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some((
                name(&fragment.name),
                Positioned::new(converter.fragment(fragment), source_map.position(fragment.location())),
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
            let converted = converter.operation(operation);
            let mut used = HashMap::new();
            collect_fragments(&converted.node.selection_set.node, &fragments, &mut used);
            let kind = converted.node.ty;
            let operations = match &operation.name {
                None => DocumentOperations::Single(converted),
                Some(operation_name) => {
                    DocumentOperations::Multiple(HashMap::from([(name(operation_name), converted)]))
                }
            };
            let name = operation.name.as_ref().map(|name| name.as_str().into());
            (name, kind, ExecutableDocument { operations, fragments: used })
        })
        .collect()
}

fn collect_fragments(
    set: &SelectionSet,
    fragments: &HashMap<Name, Positioned<FragmentDefinition>>,
    used: &mut HashMap<Name, Positioned<FragmentDefinition>>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => collect_fragments(&field.node.selection_set.node, fragments, used),
            Selection::InlineFragment(inline) => {
                collect_fragments(&inline.node.selection_set.node, fragments, used)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = fragments.get(name)
                    && used.insert(name.clone(), fragment.clone()).is_none()
                {
                    collect_fragments(&fragment.node.selection_set.node, fragments, used);
                }
            }
        }
    }
}

struct AstConverter<'a> {
    source_map: &'a SourceMap,
}

impl AstConverter<'_> {
    fn name(&self, ast: &ast::NamedType) -> Positioned<Name> {
        Positioned::new(name(ast), self.source_map.position(ast.location()))
    }

    fn operation(&self, operation: &Node<ast::OperationDefinition>) -> Positioned<OperationDefinition> {
        let position = self.source_map.position(operation.location());
        let ty = match operation.operation_type {
            ast::OperationType::Query => OperationType::Query,
            ast::OperationType::Mutation => OperationType::Mutation,
            ast::OperationType::Subscription => OperationType::Subscription,
        };
        let variable_definitions =
            operation.variables.iter().map(|variable| self.variable(variable)).collect();
        let directives = self.directives(&operation.directives);
        let selection_set = Positioned::new(self.selections(&operation.selection_set), position);
        Positioned::new(OperationDefinition { ty, variable_definitions, directives, selection_set }, position)
    }

    fn fragment(&self, fragment: &ast::FragmentDefinition) -> FragmentDefinition {
        let on = self.name(&fragment.type_condition);
        let position = on.pos;
        FragmentDefinition {
            type_condition: Positioned::new(TypeCondition { on }, position),
            directives: self.directives(&fragment.directives),
            selection_set: Positioned::new(self.selections(&fragment.selection_set), position),
        }
    }

    fn variable(&self, variable: &Node<ast::VariableDefinition>) -> Positioned<VariableDefinition> {
        let position = self.source_map.position(variable.location());
        let default_value = variable
            .default_value
            .as_ref()
            .map(|value| Positioned::new(constant(value), self.source_map.position(value.location())));
        let definition = VariableDefinition {
            name: self.name(&variable.name),
            var_type: Positioned::new(convert_type(&variable.ty), position),
            directives: self.directives(&variable.directives),
            default_value,
        };
        Positioned::new(definition, position)
    }

    fn selections(&self, selections: &[ast::Selection]) -> SelectionSet {
        SelectionSet { items: selections.iter().map(|selection| self.selection(selection)).collect() }
    }

    fn selection(&self, selection: &ast::Selection) -> Positioned<Selection> {
        match selection {
            ast::Selection::Field(field) => {
                let position = self.source_map.position(field.location());
                let field = Field {
                    alias: field.alias.as_ref().map(|alias| self.name(alias)),
                    name: self.name(&field.name),
                    arguments: self.arguments(&field.arguments),
                    directives: self.directives(&field.directives),
                    selection_set: Positioned::new(self.selections(&field.selection_set), position),
                };
                Positioned::new(Selection::Field(Positioned::new(field, position)), position)
            }
            ast::Selection::FragmentSpread(spread) => {
                let position = self.source_map.position(spread.location());
                let spread = FragmentSpread {
                    fragment_name: self.name(&spread.fragment_name),
                    directives: self.directives(&spread.directives),
                };
                Positioned::new(Selection::FragmentSpread(Positioned::new(spread, position)), position)
            }
            ast::Selection::InlineFragment(inline) => {
                let position = self.source_map.position(inline.location());
                let type_condition = inline.type_condition.as_ref().map(|on| {
                    let on = self.name(on);
                    let position = on.pos;
                    Positioned::new(TypeCondition { on }, position)
                });
                let inline = InlineFragment {
                    type_condition,
                    directives: self.directives(&inline.directives),
                    selection_set: Positioned::new(self.selections(&inline.selection_set), position),
                };
                Positioned::new(Selection::InlineFragment(Positioned::new(inline, position)), position)
            }
        }
    }

    fn directives(&self, directives: &ast::DirectiveList) -> Vec<Positioned<Directive>> {
        directives
            .iter()
            .map(|directive| {
                let converted = Directive {
                    name: self.name(&directive.name),
                    arguments: self.arguments(&directive.arguments),
                };
                Positioned::new(converted, self.source_map.position(directive.location()))
            })
            .collect()
    }

    fn arguments(&self, arguments: &[Node<ast::Argument>]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        arguments
            .iter()
            .map(|argument| {
                let position = self.source_map.position(argument.value.location());
                (self.name(&argument.name), Positioned::new(value(&argument.value), position))
            })
            .collect()
    }
}

fn convert_type(ast: &ast::Type) -> Type {
    let base = match ast {
        ast::Type::Named(inner) | ast::Type::NonNullNamed(inner) => BaseType::Named(name(inner)),
        ast::Type::List(inner) | ast::Type::NonNullList(inner) => {
            BaseType::List(Box::new(convert_type(inner)))
        }
    };
    Type { base, nullable: !ast.is_non_null() }
}

fn value(ast: &ast::Value) -> Value {
    match ast {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(member) => Value::Enum(name(member)),
        ast::Value::Variable(variable) => Value::Variable(name(variable)),
        ast::Value::String(text) => Value::String(text.clone()),
        ast::Value::Boolean(value) => Value::Boolean(*value),
        ast::Value::Int(number) => parse_number(number.as_str()),
        ast::Value::Float(number) => parse_number(number.as_str()),
        ast::Value::List(items) => Value::List(items.iter().map(|item| value(item)).collect()),
        ast::Value::Object(members) => {
            Value::Object(members.iter().map(|(key, member)| (name(key), value(member))).collect())
        }
    }
}

/// Parses a number. One that is too large for every scalar (`1e999`) becomes a string, which no numeric
/// scalar accepts.
fn parse_number(digits: &str) -> Value {
    digits.parse::<Number>().map_or_else(|_| Value::String(digits.to_owned()), Value::Number)
}

/// A literal value; variables in it become null.
pub(super) fn literal_value(ast: &ast::Value) -> ConstValue {
    value(ast).into_const_with(|_| Ok::<_, Infallible>(ConstValue::Null)).unwrap_or_default()
}

/// A value without variables, such as the default of a variable.
fn constant(ast: &ast::Value) -> ConstValue {
    value(ast).into_const().unwrap_or_default()
}

pub(super) fn name(name: &apollo_compiler::Name) -> Name {
    Name::new(name.as_str())
}
