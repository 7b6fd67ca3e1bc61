//! `{{if}}`, `{{range}}`, `{{with}}`, `{{define}}`, `{{block}}`, `{{template}}` and what belongs to them.

use super::super::ast::{Node, Pipe};
use super::super::lex::{Keyword, Kind, Token};
use super::super::literal;
use super::{Ending, Item, Parsed, Parser, Problem};

impl<'s> Parser<'s> {
    /// What follows `{{`.
    pub(super) fn action(&mut self) -> Parsed<Item<'s>> {
        let token = self.peek_solid();
        let Kind::Keyword(keyword) = token.kind else {
            // Its variables stay until the block ends.
            return Ok(Item::Node(Node::Action(self.pipeline("an action", Kind::Right)?)));
        };
        self.take();
        match keyword {
            Keyword::If => self.choice(token, false).map(Item::Node),
            Keyword::With => self.choice(token, true).map(Item::Node),
            Keyword::Range => self.range(token).map(Item::Node),
            Keyword::Template => self.call(token).map(Item::Node),
            Keyword::Block => self.block(token).map(Item::Node),
            Keyword::Break => self.jump(token, Node::Break),
            Keyword::Continue => self.jump(token, Node::Continue),
            Keyword::End => {
                self.right("`{{end}}`")?;
                Ok(Item::Ending(Ending::End, token))
            }
            Keyword::Else => {
                // `else if` and `else with` stay for whom they belong to.
                if !matches!(self.peek_solid().kind, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.right("`{{else}}`")?;
                }
                Ok(Item::Ending(Ending::Else, token))
            }
            Keyword::Define => {
                let text = "`define` cannot stand within another block; move it to the top of the template";
                Err(Problem { at: token.at, text: text.to_owned() })
            }
        }
    }

    fn jump(&mut self, token: Token<'_>, node: Node) -> Parsed<Item<'s>> {
        self.right(if matches!(node, Node::Break) { "`{{break}}`" } else { "`{{continue}}`" })?;
        if self.ranges == 0 {
            let text = format!("`{}` has a meaning only within a `range`", token.text);
            return Err(Problem { at: token.at, text });
        }
        Ok(Item::Node(node))
    }

    /// `if` or `with`, up to its `end`.
    fn choice(&mut self, opener: Token<'_>, with: bool) -> Parsed<Node> {
        let scope = self.variables.len();
        let keyword = if with { Keyword::With } else { Keyword::If };
        let place = if with { "`with`" } else { "`if`" };
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let pipe = self.pipeline(place, Kind::Right)?;
            let (body, ending, _) = self.list(opener)?;
            branches.push((pipe, body));
            if ending == Ending::End {
                break;
            }
            if self.peek().kind == Kind::Keyword(keyword) {
                self.take();
                continue;
            }
            otherwise = self.last_list(opener)?;
            break;
        }
        self.variables.truncate(scope);
        Ok(Node::Choice { with, branches, otherwise })
    }

    /// What follows `{{else}}`, up to `{{end}}`.
    fn last_list(&mut self, opener: Token<'_>) -> Parsed<Vec<Node>> {
        let (list, ending, token) = self.list(opener)?;
        if ending == Ending::Else {
            let text = "a second `else` for the same block; `{{end}}` is expected here";
            return Err(Problem { at: token.at, text: text.to_owned() });
        }
        Ok(list)
    }

    fn range(&mut self, opener: Token<'_>) -> Parsed<Node> {
        let scope = self.variables.len();
        let over = self.pipeline("`range`", Kind::Right)?;
        self.ranges += 1;
        let (body, ending, _) = self.list(opener)?;
        self.ranges -= 1;
        let otherwise = if ending == Ending::Else { self.last_list(opener)? } else { Vec::new() };
        self.variables.truncate(scope);
        Ok(Node::Range { over, body, otherwise })
    }

    /// A template's name: a text constant.
    fn name(&mut self, place: &str) -> Parsed<String> {
        let token = self.take_solid();
        if !matches!(token.kind, Kind::Quoted | Kind::Raw) {
            return Self::unexpected(token, &format!("{place}, where the name of a template must stand in quotes"));
        }
        let problem = |text| Problem { at: token.at, text };
        let name = literal::text(token.text).map_err(problem)?;
        String::from_utf8(name).map_err(|_| problem("the name of a template must be UTF-8".to_owned()))
    }

    /// `{{template "name"}}` or `{{template "name" pipeline}}`.
    fn call(&mut self, opener: Token<'_>) -> Parsed<Node> {
        let name = self.name("`template`")?;
        let data = if self.peek_solid().kind == Kind::Right {
            self.take();
            None
        } else {
            Some(self.pipeline("`template`", Kind::Right)?)
        };
        Ok(Node::Call { at: opener.at, name, data })
    }

    /// `{{define "name"}}`; the word has been read.
    pub(super) fn definition(&mut self, opener: Token<'_>) -> Parsed<()> {
        let name = self.name("`define`")?;
        self.right("`define`")?;
        self.body(name, opener)
    }

    /// `{{block "name" pipeline}}`: defines a template and calls it.
    fn block(&mut self, opener: Token<'_>) -> Parsed<Node> {
        let name = self.name("`block`")?;
        let data: Pipe = self.pipeline("`block`", Kind::Right)?;
        self.body(name.clone(), opener)?;
        Ok(Node::Call { at: opener.at, name, data: Some(data) })
    }

    /// The body of a template of its own: it sees no variables and no `range` from outside.
    fn body(&mut self, name: String, opener: Token<'_>) -> Parsed<()> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let list = self.last_list(opener)?;
        (self.variables, self.ranges) = (variables, ranges);
        self.define(name, list, opener.at)
    }
}
