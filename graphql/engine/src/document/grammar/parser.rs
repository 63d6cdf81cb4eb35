//! A parser by recursive descent, with a function for each production of the grammar.

use std::collections::{HashMap, HashSet};

use super::{
    lexer::{Lexer, Token, TokenKind},
    outcome::{GrammarLimits, Grammatical, Refusal, SyntaxError},
};

type Parsed<T = ()> = Result<T, Refusal>;

/// The keywords of definitions that only a schema has.
const TYPE_SYSTEM_KEYWORDS: [&str; 9] =
    ["schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"];

pub(super) struct Parser<'a> {
    document: &'a str,
    lexer: Lexer<'a>,
    limits: GrammarLimits,
    token: Token,
    tokens: usize,
    nesting: usize,
    /// The document for the next parser; blank until a token is copied into it.
    text: Vec<u8>,
    repeated_input_fields: Vec<(usize, String)>,
    fields: HashMap<usize, bool>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(document: &'a str, limits: GrammarLimits) -> Parsed<Self> {
        let mut lexer = Lexer::new(document);
        let token = lexer.next()?;
        Ok(Self {
            document,
            lexer,
            limits,
            token,
            tokens: 1,
            nesting: 0,
            text: vec![b' '; document.len()],
            repeated_input_fields: vec![],
            fields: HashMap::new(),
        })
    }

    /// *Document*: *Definition* list
    pub(super) fn document(mut self) -> Parsed<Grammatical> {
        loop {
            self.definition()?;
            if self.token.kind == TokenKind::EndOfDocument {
                break;
            }
        }
        let Self { text, repeated_input_fields, fields, .. } = self;
        // Only whole tokens were copied between blanks.
        let text = String::from_utf8(text).unwrap_or_default();
        Ok(Grammatical { text, repeated_input_fields, fields })
    }

    fn text_of(&self, token: Token) -> &'a str {
        token.text(self.document)
    }

    fn peek(&self, punctuator: u8) -> bool {
        self.token.kind == TokenKind::Punctuator(punctuator)
    }

    fn peek_keyword(&self, keyword: &str) -> bool {
        self.token.kind == TokenKind::Name && self.text_of(self.token) == keyword
    }

    /// Reads the next token and leaves the current one blank.
    fn skip(&mut self) -> Parsed<Token> {
        let read = self.token;
        self.tokens += 1;
        if self.tokens > self.limits.max_tokens {
            return Err(Refusal::TooLarge);
        }
        self.token = self.lexer.next()?;
        Ok(read)
    }

    /// Reads the next token and copies the current one.
    fn advance(&mut self) -> Parsed<Token> {
        let Token { start, end, .. } = self.token;
        // serde_json reads `-0` as a number with a fraction, which is no Int. It has the value of `0`.
        let start = if self.text_of(self.token) == "-0" { start + 1 } else { start };
        if let (Some(target), Some(source)) =
            (self.text.get_mut(start..end), self.document.as_bytes().get(start..end))
        {
            target.copy_from_slice(source);
        }
        self.skip()
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nesting += 1;
        if self.nesting > self.limits.max_nesting {
            return Err(Refusal::TooLarge);
        }
        let parsed = parse(self)?;
        self.nesting -= 1;
        Ok(parsed)
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        let found = self.token.describe(self.document);
        let message = format!("Expected {what}, found {found}.");
        Err(SyntaxError::new(self.token.start, message).into())
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        let message = format!("Unexpected {}.", self.token.describe(self.document));
        Err(SyntaxError::new(self.token.start, message).into())
    }

    fn expect(&mut self, punctuator: u8) -> Parsed {
        if !self.peek(punctuator) {
            return self.expected(&format!("\"{}\"", char::from(punctuator)));
        }
        self.advance().map(drop)
    }

    fn expect_keyword(&mut self, keyword: &str) -> Parsed {
        if !self.peek_keyword(keyword) {
            return self.expected(&format!("\"{keyword}\""));
        }
        self.advance().map(drop)
    }

    /// One or more entries between brackets.
    fn many(&mut self, open: u8, close: u8, mut entry: impl FnMut(&mut Self) -> Parsed) -> Parsed {
        self.expect(open)?;
        loop {
            entry(self)?;
            if self.peek(close) {
                return self.advance().map(drop);
            }
        }
    }

    fn name(&mut self) -> Parsed<Token> {
        if self.token.kind != TokenKind::Name {
            return self.expected("Name");
        }
        self.advance()
    }

    /// *Description*: a string, which has no effect.
    fn description(&mut self) -> Parsed<Option<Token>> {
        let is_description = self.token.kind == TokenKind::String;
        is_description.then(|| self.skip()).transpose()
    }

    /// *Definition*: an operation or a fragment
    fn definition(&mut self) -> Parsed {
        if self.peek(b'{') {
            return self.selection_set();
        }
        let described = self.description()?;
        let refused = |offset, message: &str| Err(SyntaxError::new(offset, message).into());
        if let Some(description) = described
            && self.peek(b'{')
        {
            let message = "Unexpected description, descriptions are not supported on shorthand queries.";
            return refused(description.start, message);
        }
        let keyword = self.token;
        match (keyword.kind, self.text_of(keyword)) {
            (TokenKind::Name, "query" | "mutation" | "subscription") => self.operation(),
            (TokenKind::Name, "fragment") => self.fragment_definition(),
            (TokenKind::Name, word) if TYPE_SYSTEM_KEYWORDS.contains(&word) => {
                let message = format!("The `{word}` definition is not executable.");
                Err(Refusal::NotExecutable(SyntaxError::new(keyword.start, message)))
            }
            (TokenKind::Name, _) if let Some(description) = described => refused(
                description.start,
                "Unexpected description, only GraphQL definitions support descriptions.",
            ),
            _ => self.unexpected(),
        }
    }

    /// *OperationDefinition*: *OperationType* *Name*? *VariablesDefinition*? *Directives*? *SelectionSet*
    fn operation(&mut self) -> Parsed {
        self.name()?;
        if self.token.kind == TokenKind::Name {
            self.name()?;
        }
        if self.peek(b'(') {
            self.many(b'(', b')', Self::variable_definition)?;
        }
        self.directives(false)?;
        self.selection_set()
    }

    /// *VariableDefinition*: *Description*? *Variable* `:` *Type* *DefaultValue*? *Directives*?
    fn variable_definition(&mut self) -> Parsed {
        self.description()?;
        self.expect(b'$')?;
        self.name()?;
        self.expect(b':')?;
        self.type_reference()?;
        if self.peek(b'=') {
            self.advance()?;
            self.value(true)?;
        }
        self.directives(true)
    }

    /// *Type*: *NamedType*, *ListType* or *NonNullType*
    fn type_reference(&mut self) -> Parsed {
        if self.peek(b'[') {
            self.advance()?;
            self.nested(Self::type_reference)?;
            self.expect(b']')?;
        } else {
            self.name()?;
        }
        if self.peek(b'!') {
            self.advance()?;
        }
        Ok(())
    }

    /// *FragmentDefinition*: `fragment` *FragmentName* *TypeCondition* *Directives*? *SelectionSet*
    fn fragment_definition(&mut self) -> Parsed {
        self.name()?;
        if self.peek_keyword("on") {
            return self.unexpected();
        }
        self.name()?;
        self.expect_keyword("on")?;
        self.name()?;
        self.directives(false)?;
        self.selection_set()
    }

    /// *SelectionSet*: `{` *Selection* list `}`
    fn selection_set(&mut self) -> Parsed {
        self.nested(|parser| parser.many(b'{', b'}', Self::selection))
    }

    /// *Selection*: a field, a fragment spread or an inline fragment
    fn selection(&mut self) -> Parsed {
        if self.token.kind != TokenKind::Spread {
            return self.field();
        }
        self.advance()?;
        let has_type_condition = self.peek_keyword("on");
        if !has_type_condition && self.token.kind == TokenKind::Name {
            self.name()?;
            return self.directives(false);
        }
        if has_type_condition {
            self.advance()?;
            self.name()?;
        }
        self.directives(false)?;
        self.selection_set()
    }

    /// *Field*: *Alias*? *Name* *Arguments*? *Directives*? *SelectionSet*?
    fn field(&mut self) -> Parsed {
        let start = self.name()?.start;
        if self.peek(b':') {
            self.advance()?;
            self.name()?;
        }
        self.arguments(false)?;
        self.directives(false)?;
        let has_selections = self.peek(b'{');
        self.fields.insert(start, has_selections);
        if has_selections { self.selection_set() } else { Ok(()) }
    }

    /// *Arguments*: `(` *Argument* list `)`
    fn arguments(&mut self, is_constant: bool) -> Parsed {
        if !self.peek(b'(') {
            return Ok(());
        }
        self.many(b'(', b')', |parser| {
            parser.name()?;
            parser.expect(b':')?;
            parser.value(is_constant)
        })
    }

    /// *Directives*: *Directive* list
    fn directives(&mut self, is_constant: bool) -> Parsed {
        while self.peek(b'@') {
            self.advance()?;
            self.name()?;
            self.arguments(is_constant)?;
        }
        Ok(())
    }

    /// *Value*: a constant one has no variables.
    fn value(&mut self, is_constant: bool) -> Parsed {
        self.nested(|parser| match parser.token.kind {
            TokenKind::Punctuator(b'[') => parser.list(is_constant),
            TokenKind::Punctuator(b'{') => parser.object(is_constant),
            TokenKind::Punctuator(b'$') => {
                let start = parser.advance()?.start;
                let name = parser.name()?;
                if is_constant {
                    let name = parser.text_of(name);
                    let message = format!("Unexpected variable \"${name}\" in constant value.");
                    return Err(SyntaxError::new(start, message).into());
                }
                Ok(())
            }
            TokenKind::Int | TokenKind::Float | TokenKind::String | TokenKind::Name => {
                parser.advance().map(drop)
            }
            _ => parser.unexpected(),
        })
    }

    /// *ListValue*: `[` *Value* list? `]`
    fn list(&mut self, is_constant: bool) -> Parsed {
        self.advance()?;
        while !self.peek(b']') {
            self.value(is_constant)?;
        }
        self.advance().map(drop)
    }

    /// *ObjectValue*: `{` *ObjectField* list? `}`
    fn object(&mut self, is_constant: bool) -> Parsed {
        self.advance()?;
        let mut names = HashSet::new();
        while !self.peek(b'}') {
            let name = self.name()?;
            let text = self.text_of(name);
            if !names.insert(text) {
                self.repeated_input_fields.push((name.start, text.to_owned()));
            }
            self.expect(b':')?;
            self.value(is_constant)?;
        }
        self.advance().map(drop)
    }
}
