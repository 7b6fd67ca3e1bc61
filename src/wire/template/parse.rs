//! From tokens to a tree, by the rules of Go's text/template. `control` reads what begins with a keyword, `pipeline` the
//! rest.

mod control;
mod pipeline;

use std::collections::BTreeMap;

use super::ast::{List, Node};
use super::bounds::DEEPEST_SOURCE;
use super::lex::{Keyword, Kind, Token, lex};

/// The name of the template itself: `{{template "webhook" .}}` calls it.
pub(super) const MAIN: &str = "webhook";

/// Templates by their names, [`MAIN`] among them.
pub(super) type Templates = BTreeMap<String, List>;

/// What is wrong, and at which byte of the source.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) at: usize,
    pub(super) text: String,
}

type Parsed<T> = Result<T, Problem>;

/// Parses a whole template.
pub(super) fn parse(source: &str) -> Parsed<Templates> {
    let mut parser = Parser {
        tokens: lex(source),
        next: 0,
        variables: vec!["$".to_owned()],
        ranges: 0,
        depth: 0,
        templates: Templates::new(),
    };
    let main = parser.main()?;
    parser.define(MAIN.to_owned(), main, 0)?;
    Ok(parser.templates)
}

struct Parser<'s> {
    tokens: Vec<Token<'s>>,
    /// Index of the next token.
    next: usize,
    /// Names of the variables that are in scope, the innermost last.
    variables: Vec<String>,
    /// How many `range` are open here.
    ranges: usize,
    /// How many blocks and parentheses are open.
    depth: usize,
    templates: Templates,
}

/// How a list of nodes ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    Else,
}

impl<'s> Parser<'s> {
    /// The next token, which stays. The last one (`End` or `Bad`) is never passed.
    fn peek(&self) -> Token<'s> {
        let last = Token { kind: Kind::End, at: 0, text: "" };
        self.tokens.get(self.next).or(self.tokens.last()).copied().unwrap_or(last)
    }

    fn take(&mut self) -> Token<'s> {
        let token = self.peek();
        self.next = (self.next + 1).min(self.tokens.len().saturating_sub(1));
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.take();
        }
    }

    fn take_solid(&mut self) -> Token<'s> {
        self.skip_space();
        self.take()
    }

    fn peek_solid(&mut self) -> Token<'s> {
        self.skip_space();
        self.peek()
    }

    /// The token has no place here. `place` completes "cannot stand in ...".
    fn unexpected<T>(token: Token<'_>, place: &str) -> Parsed<T> {
        let text = match token.kind {
            Kind::Bad(why) => why.to_owned(),
            Kind::End => format!("the template ends within {place}; write `{{{{end}}}}` or `}}}}` behind it"),
            Kind::Right => format!("`}}}}` comes too early in {place}; something is missing in front of it"),
            Kind::Space => format!("a space cannot stand in {place}"),
            _ => format!("`{}` cannot stand in {place}", shown(token.text)),
        };
        Err(Problem { at: token.at, text })
    }

    /// Takes the `}}` of an action.
    fn right(&mut self, place: &str) -> Parsed<()> {
        let token = self.take_solid();
        if token.kind == Kind::Right { Ok(()) } else { Self::unexpected(token, place) }
    }

    /// Counts a level of nesting; [`Parser::leave`] when it is over.
    fn enter(&mut self, at: usize) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST_SOURCE {
            let text = format!("this is nested more than {DEEPEST_SOURCE} deep; use fewer blocks and parentheses");
            return Err(Problem { at, text });
        }
        Ok(())
    }

    const fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The template itself. Only here may stand `{{define}}`.
    fn main(&mut self) -> Parsed<List> {
        let mut list = List::new();
        loop {
            let start = self.next;
            if self.take().kind == Kind::Left {
                let opener = self.take_solid();
                if opener.kind == Kind::Keyword(Keyword::Define) {
                    self.definition(opener)?;
                    continue;
                }
            }
            self.next = start;
            let token = self.peek();
            match self.item()? {
                Item::Node(node) => list.push(node),
                Item::Nothing => return Ok(list),
                Item::Ending(Ending::End, _) => return Self::unexpected_ending("end", token.at),
                Item::Ending(Ending::Else, _) => return Self::unexpected_ending("else", token.at),
            }
        }
    }

    fn unexpected_ending<T>(word: &str, at: usize) -> Parsed<T> {
        let text =
            format!("`{{{{{word}}}}}` belongs to nothing; remove it, or open an `if`, `range` or `with` before it");
        Err(Problem { at, text })
    }

    /// Nodes up to `{{end}}` or `{{else}}`. `opener` is the token of what must be ended.
    fn list(&mut self, opener: Token<'_>) -> Parsed<(List, Ending, Token<'s>)> {
        self.enter(opener.at)?;
        let mut list = List::new();
        loop {
            match self.item()? {
                Item::Node(node) => list.push(node),
                Item::Ending(ending, token) => {
                    self.leave();
                    return Ok((list, ending, token));
                }
                Item::Nothing => {
                    let text = format!("this `{}` is not ended; write `{{{{end}}}}` behind it", shown(opener.text));
                    return Err(Problem { at: opener.at, text });
                }
            }
        }
    }

    /// One text or action. Nothing at the end of the template.
    fn item(&mut self) -> Parsed<Item<'s>> {
        let token = self.take_solid();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(token.text.to_owned()))),
            Kind::Left => self.action(),
            Kind::End => Ok(Item::Nothing),
            _ => Self::unexpected(token, "a template"),
        }
    }

    /// Adds a template. An empty one never replaces another, and is replaced by any.
    fn define(&mut self, name: String, list: List, at: usize) -> Parsed<()> {
        match self.templates.get(&name) {
            Some(known) if !is_empty(known) => {
                if is_empty(&list) {
                    return Ok(());
                }
                let text = format!("the template `{}` is defined a second time; keep one", shown(&name));
                Err(Problem { at, text })
            }
            _ => {
                self.templates.insert(name, list);
                Ok(())
            }
        }
    }
}

/// What [`Parser::item`] found.
enum Item<'s> {
    Node(Node),
    /// `{{end}}` or `{{else`, with its word; after `else` an `if` or `with` may come.
    Ending(Ending, Token<'s>),
    Nothing,
}

/// A template of nothing but white space, as Go sees it.
fn is_empty(list: &[Node]) -> bool {
    list.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
}

/// A piece of the source as a message may repeat it.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let mut shown: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
