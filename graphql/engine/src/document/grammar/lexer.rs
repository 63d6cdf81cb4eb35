//! The lexical grammar of GraphQL (specification of September 2025, appendix C): tokens with their offsets.

use super::outcome::SyntaxError;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(u8),
    /// `...`
    Spread,
    Name,
    Int,
    Float,
    String,
    EndOfDocument,
}

/// A token, as a range of bytes of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    /// The text of the token.
    pub(super) fn text<'a>(&self, document: &'a str) -> &'a str {
        document.get(self.start..self.end).unwrap_or_default()
    }

    /// The token as a syntax error names it.
    pub(super) fn describe(&self, document: &str) -> String {
        let text = self.text(document);
        match self.kind {
            TokenKind::Punctuator(_) | TokenKind::Spread => format!("\"{text}\""),
            TokenKind::Name => format!("Name \"{text}\""),
            TokenKind::Int => format!("Int \"{text}\""),
            TokenKind::Float => format!("Float \"{text}\""),
            TokenKind::String => format!("String {text}"),
            TokenKind::EndOfDocument => "<EOF>".to_owned(),
        }
    }
}

/// Reads the tokens of a document one after the other.
pub(super) struct Lexer<'a> {
    document: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self { document, position: 0 }
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.document.as_bytes().get(offset).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        self.document.as_bytes().get(self.position..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn error(&self, offset: usize, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(offset, message)
    }

    /// The character at an offset, as an error names it.
    fn describe(&self, offset: usize) -> String {
        match self.document.get(offset..).and_then(|rest| rest.chars().next()) {
            None => "<EOF>".to_owned(),
            Some('"') => "'\"'".to_owned(),
            Some(printable @ ' '..='~') => format!("\"{printable}\""),
            Some(other) => format!("U+{:04X}", u32::from(other)),
        }
    }

    /// Skips what has no meaning: white space, line terminators, commas, comments and byte order marks.
    fn skip_ignored(&mut self) {
        while let Some(byte) = self.byte(self.position) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => self.position += 1,
                b'#' => {
                    while self.byte(self.position).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                        self.position += 1;
                    }
                }
                _ if self.starts_with("\u{FEFF}") => self.position += '\u{FEFF}'.len_utf8(),
                _ => return,
            }
        }
    }

    /// Reads the next token.
    pub(super) fn next(&mut self) -> Result<Token, SyntaxError> {
        self.skip_ignored();
        let start = self.position;
        let kind = match self.byte(start) {
            None => TokenKind::EndOfDocument,
            Some(
                byte @ (b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|'
                | b'}'),
            ) => {
                self.position += 1;
                TokenKind::Punctuator(byte)
            }
            Some(b'.') if self.starts_with("...") => {
                self.position += 3;
                TokenKind::Spread
            }
            Some(b'_' | b'a'..=b'z' | b'A'..=b'Z') => {
                while self.byte(self.position).is_some_and(is_name_continue) {
                    self.position += 1;
                }
                TokenKind::Name
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'"') if self.starts_with("\"\"\"") => self.block_string()?,
            Some(b'"') => self.string()?,
            Some(b'\'') => {
                let message =
                    "Unexpected single quote character ('), did you mean to use a double quote (\")?";
                return Err(self.error(start, message));
            }
            Some(_) => {
                return Err(self.error(start, format!("Unexpected character: {}.", self.describe(start))));
            }
        };
        Ok(Token { kind, start, end: self.position })
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        if !self.byte(self.position).is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected_in_number());
        }
        while self.byte(self.position).is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        Ok(())
    }

    fn unexpected_in_number(&self) -> SyntaxError {
        let found = self.describe(self.position);
        self.error(self.position, format!("Invalid number, expected digit but got: {found}."))
    }

    fn number(&mut self) -> Result<TokenKind, SyntaxError> {
        let mut kind = TokenKind::Int;
        if self.byte(self.position) == Some(b'-') {
            self.position += 1;
        }
        if self.byte(self.position) == Some(b'0') {
            self.position += 1;
            if self.byte(self.position).is_some_and(|byte| byte.is_ascii_digit()) {
                let found = self.describe(self.position);
                let message = format!("Invalid number, unexpected digit after 0: {found}.");
                return Err(self.error(self.position, message));
            }
        } else {
            self.digits()?;
        }
        if self.byte(self.position) == Some(b'.') {
            kind = TokenKind::Float;
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.byte(self.position), Some(b'e' | b'E')) {
            kind = TokenKind::Float;
            self.position += 1;
            if matches!(self.byte(self.position), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits()?;
        }
        // `1a` and `1.0.0` are no two tokens.
        match self.byte(self.position) {
            Some(byte) if byte == b'.' || is_name_continue(byte) => Err(self.unexpected_in_number()),
            _ => Ok(kind),
        }
    }

    fn string(&mut self) -> Result<TokenKind, SyntaxError> {
        self.position += 1;
        loop {
            match self.byte(self.position) {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(TokenKind::String);
                }
                None | Some(b'\n' | b'\r') => {
                    return Err(self.error(self.position, "Unterminated string."));
                }
                Some(b'\\') => self.escape()?,
                Some(_) => self.position += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        let start = self.position;
        let length = match self.byte(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Some(2),
            Some(b'u') if self.byte(start + 2) == Some(b'{') => self.braced_escape(start),
            Some(b'u') => self.fixed_escape(start),
            _ => {
                let shown: String = self.document.get(start..).unwrap_or_default().chars().take(2).collect();
                return Err(self.error(start, format!("Invalid character escape sequence: \"{shown}\".")));
            }
        };
        match length {
            Some(length) => {
                self.position += length;
                Ok(())
            }
            None => {
                let shown: String = self.document.get(start..).unwrap_or_default().chars().take(6).collect();
                Err(self.error(start, format!("Invalid Unicode escape sequence: \"{shown}\".")))
            }
        }
    }

    /// The length of `\u{…}`, if it is the code point of a character.
    fn braced_escape(&self, start: usize) -> Option<usize> {
        let digits = self.document.get(start + 3..)?.split('}').next()?;
        let is_closed = self.byte(start + 3 + digits.len()) == Some(b'}');
        // No character has more digits; graphql-js stops there too.
        let is_short =
            (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_closed && is_short)?;
        char::from_u32(code).map(|_| digits.len() + 4)
    }

    /// The length of `\uXXXX`, or of two of them that are a surrogate pair.
    fn fixed_escape(&self, start: usize) -> Option<usize> {
        let unit = self.code_unit(start)?;
        if char::from_u32(unit.into()).is_some() {
            return Some(6);
        }
        let next = self.code_unit(start + 6)?;
        char::decode_utf16([unit, next]).next()?.ok().map(|_| 12)
    }

    fn code_unit(&self, start: usize) -> Option<u16> {
        let digits = self.document.get(start..start + 6)?.strip_prefix("\\u")?;
        let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal)
    }

    fn block_string(&mut self) -> Result<TokenKind, SyntaxError> {
        self.position += 3;
        loop {
            if self.starts_with("\"\"\"") {
                self.position += 3;
                return Ok(TokenKind::String);
            }
            if self.starts_with("\\\"\"\"") {
                self.position += 4;
            } else if self.byte(self.position).is_some() {
                self.position += 1;
            } else {
                return Err(self.error(self.position, "Unterminated string."));
            }
        }
    }
}

fn is_name_continue(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}
