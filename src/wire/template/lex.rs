//! From the text of a template to tokens, by the rules of Go's text/template.

/// One token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    /// Offset in bytes.
    pub(super) at: usize,
    pub(super) text: &'s str,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What stands outside of actions, trimmed where a marker asks for it.
    Text,
    /// `{{`
    Left,
    /// `}}`
    Right,
    /// White space within an action: it separates operands.
    Space,
    /// `=`
    Assign,
    /// `:=`
    Declare,
    /// `|`
    Pipe,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `.` alone
    Dot,
    /// `.Name`
    Field,
    /// `$` or `$name`
    Variable,
    /// A name: a function
    Identifier,
    /// `true` or `false`
    Bool,
    /// `nil`
    Nil,
    /// A number as it is written
    Number,
    /// `'x'`
    Char,
    /// `"..."`
    Quoted,
    /// Text in back quotes
    Raw,
    /// `if`, `range`, ...
    Keyword(Keyword),
    /// Any other printable ASCII character; only the comma has a meaning.
    Other,
    /// The end of the template.
    End,
    /// What follows cannot be read, for this reason. The last token.
    Bad(&'static str),
}

/// The words that begin an action which is no pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("block", Keyword::Block),
    ("break", Keyword::Break),
    ("continue", Keyword::Continue),
    ("define", Keyword::Define),
    ("else", Keyword::Else),
    ("end", Keyword::End),
    ("if", Keyword::If),
    ("range", Keyword::Range),
    ("template", Keyword::Template),
    ("with", Keyword::With),
];

const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const COMMENT: &str = "/*";
const COMMENT_END: &str = "*/";
/// A trim marker: `-` and the space on its inner side.
const MARKER: usize = 2;
/// What Go takes as white space.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// All tokens up to the end, or up to what cannot be read.
pub(super) fn lex(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, at: 0, action: 0, parens: 0, tokens: Vec::new() };
    let mut step = Step::Outside;
    loop {
        step = match step {
            Step::Outside => lexer.text(),
            Step::Inside => lexer.inside(),
            Step::Stop => return lexer.tokens,
        };
    }
}

/// Where the lexer is after a token.
#[derive(Debug, Clone, Copy)]
enum Step {
    Outside,
    Inside,
    Stop,
}

struct Lexer<'s> {
    source: &'s str,
    /// What is read next.
    at: usize,
    /// Where the action began that is being read.
    action: usize,
    /// Open parentheses of that action.
    parens: usize,
    tokens: Vec<Token<'s>>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    /// Takes one of these characters if it is next.
    fn accept(&mut self, any: &str) -> bool {
        let next = self.peek().filter(|&c| any.contains(c));
        self.at += next.map_or(0, char::len_utf8);
        next.is_some()
    }

    /// Everything from `from` up to here is a token.
    fn emit(&mut self, kind: Kind, from: usize) -> Step {
        let text = self.source.get(from..self.at).unwrap_or_default();
        self.tokens.push(Token { kind, at: from, text });
        Step::Inside
    }

    /// Nothing can be read any more.
    fn bad(&mut self, why: &'static str, at: usize) -> Step {
        self.tokens.push(Token { kind: Kind::Bad(why), at, text: "" });
        Step::Stop
    }

    /// Reads up to the next action and into it, or over a comment.
    fn text(&mut self) -> Step {
        let (from, rest) = (self.at, self.rest());
        let length = rest.find(LEFT).unwrap_or(rest.len());
        let (text, action) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let inner = action.get(LEFT.len()..).unwrap_or_default();
        let trims = inner.strip_prefix('-').is_some_and(|inner| inner.starts_with(SPACES));
        let text = if trims { text.trim_end_matches(SPACES) } else { text };
        if !text.is_empty() {
            self.tokens.push(Token { kind: Kind::Text, at: from, text });
        }
        self.at = from + length;
        if action.is_empty() {
            self.emit(Kind::End, self.at);
            return Step::Stop;
        }
        self.action = self.at;
        self.at += LEFT.len() + if trims { MARKER } else { 0 };
        if self.rest().starts_with(COMMENT) {
            return self.comment();
        }
        self.parens = 0;
        self.tokens.push(Token { kind: Kind::Left, at: self.action, text: LEFT });
        Step::Inside
    }

    fn comment(&mut self) -> Step {
        let Some(length) = self.rest().find(COMMENT_END) else {
            return self.bad("this comment is not closed; write `*/}}` behind it", self.action);
        };
        self.at += length + COMMENT_END.len();
        let Some(trims) = self.closes() else {
            return self.bad("a comment must end right before `}}`; remove what stands between", self.at);
        };
        self.leave(trims);
        Step::Outside
    }

    /// Whether the action ends here, and if so, whether with a trim marker.
    fn closes(&self) -> Option<bool> {
        let rest = self.rest();
        let trimmed = rest.strip_prefix(SPACES).and_then(|rest| rest.strip_prefix('-'));
        if trimmed.is_some_and(|rest| rest.starts_with(RIGHT)) {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    /// Steps over the end of an action.
    fn leave(&mut self, trims: bool) {
        self.at += RIGHT.len() + if trims { MARKER } else { 0 };
        if trims {
            self.skip(|c| SPACES.contains(&c));
        }
    }

    /// Reads one token of an action.
    fn inside(&mut self) -> Step {
        if let Some(trims) = self.closes() {
            return self.right(trims);
        }
        let from = self.at;
        let Some(c) = self.peek() else {
            return self.bad("this action is not closed; write `}}` behind it", self.action);
        };
        if SPACES.contains(&c) {
            return self.space();
        }
        self.at += c.len_utf8();
        match c {
            '=' => self.emit(Kind::Assign, from),
            '|' => self.emit(Kind::Pipe, from),
            ':' if self.accept("=") => self.emit(Kind::Declare, from),
            ':' => self.bad("`:` has a meaning only in `:=`", from),
            '"' => self.quoted(Kind::Quoted, '"', "this text is not closed; write `\"` behind it, on the same line"),
            '\'' => self.quoted(Kind::Char, '\'', "this character is not closed; write `'` behind it"),
            '`' => self.raw(from),
            '$' => self.name(Kind::Variable, from),
            '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => self.name(Kind::Field, from),
            '.' | '+' | '-' | '0'..='9' => self.number(from),
            '(' => {
                self.parens += 1;
                self.emit(Kind::Open, from)
            }
            ')' => match self.parens.checked_sub(1) {
                Some(parens) => {
                    self.parens = parens;
                    self.emit(Kind::Close, from)
                }
                None => self.bad("`)` closes nothing; remove it", from),
            },
            c if is_word(c) => self.word(from),
            c if c.is_ascii_graphic() => self.emit(Kind::Other, from),
            _ => self.bad("this character has no meaning within `{{ }}`; put text into quotes", from),
        }
    }

    /// The end of the action.
    fn right(&mut self, trims: bool) -> Step {
        if self.parens > 0 {
            return self.bad("a `(` in front of this `}}` is not closed; write `)`", self.at);
        }
        self.tokens.push(Token { kind: Kind::Right, at: self.at, text: RIGHT });
        self.leave(trims);
        Step::Outside
    }

    /// Spaces; the last one may belong to a trim marker.
    fn space(&mut self) -> Step {
        let from = self.at;
        self.skip(|c| SPACES.contains(&c));
        if self.rest().strip_prefix('-').is_some_and(|rest| rest.starts_with(RIGHT)) {
            self.at -= 1;
        }
        if self.at > from { self.emit(Kind::Space, from) } else { Step::Inside }
    }

    /// `.`, `.Name`, `$` or `$name`; its first character has been read.
    fn name(&mut self, kind: Kind, from: usize) -> Step {
        self.skip(is_word);
        if !self.ends_word() {
            return self.bad("this character cannot follow a name; put a space before it", self.at);
        }
        let alone = kind == Kind::Field && self.at == from + 1;
        self.emit(if alone { Kind::Dot } else { kind }, from)
    }

    /// A keyword, a constant, or the name of a function.
    fn word(&mut self, from: usize) -> Step {
        self.skip(is_word);
        if !self.ends_word() {
            return self.bad("this character cannot follow a name; put a space before it", self.at);
        }
        let word = self.source.get(from..self.at).unwrap_or_default();
        let keyword = KEYWORDS.iter().find(|(known, _)| *known == word);
        self.emit(
            match (word, keyword) {
                (_, Some(&(_, keyword))) => Kind::Keyword(keyword),
                ("true" | "false", _) => Kind::Bool,
                ("nil", _) => Kind::Nil,
                _ => Kind::Identifier,
            },
            from,
        )
    }

    /// Whether what comes next may follow a name.
    fn ends_word(&self) -> bool {
        let next = self.peek();
        next.is_none_or(|c| SPACES.contains(&c) || ".,|:)(".contains(c)) || self.rest().starts_with(RIGHT)
    }

    /// A text or character constant; its opening quote has been read. It cannot hold a line break.
    fn quoted(&mut self, kind: Kind, quote: char, unclosed: &'static str) -> Step {
        let from = self.at - 1;
        let mut chars = self.rest().char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '\n' => break,
                '\\' if chars.next().is_none_or(|(_, c)| c == '\n') => break,
                c if c == quote => {
                    self.at += offset + 1;
                    return self.emit(kind, from);
                }
                _ => {}
            }
        }
        self.bad(unclosed, from)
    }

    fn raw(&mut self, from: usize) -> Step {
        let Some(length) = self.rest().find('`') else {
            return self.bad("this text is not closed; write a back quote behind it", from);
        };
        self.at += length + 1;
        self.emit(Kind::Raw, from)
    }

    /// A number; whether it is a good one is told when it is parsed.
    fn number(&mut self, from: usize) -> Step {
        self.at = from;
        self.accept("+-");
        let (mut digits, mut exponent) = ("0123456789_", "eE");
        if self.accept("0") {
            if self.accept("xX") {
                (digits, exponent) = ("0123456789abcdefABCDEF_", "pP");
            } else if self.accept("oO") {
                (digits, exponent) = ("01234567_", "");
            } else if self.accept("bB") {
                (digits, exponent) = ("01_", "");
            }
        }
        let run = |lexer: &mut Self, digits: &str| lexer.skip(|c| digits.contains(c));
        run(self, digits);
        if self.accept(".") {
            run(self, digits);
        }
        if self.accept(exponent) {
            self.accept("+-");
            run(self, "0123456789_");
        }
        if self.peek().is_some_and(|c| is_word(c) || c == '+' || c == '-') {
            return self.bad("this is no number that a template knows; write 12, 1.5, 1e3 or 0x1f", from);
        }
        self.emit(Kind::Number, from)
    }
}

/// What names are made of.
fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
