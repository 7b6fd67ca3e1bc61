//! Pipelines: variables, commands, operands.

use super::super::ast::{Command, Operand, Pipe, Term};
use super::super::funcs;
use super::super::lex::{Kind, Token};
use super::super::literal;
use super::{Parsed, Parser, Problem, shown};

impl Parser<'_> {
    /// A pipeline up to the token that ends it, which is taken.
    pub(super) fn pipeline(&mut self, place: &str, end: Kind) -> Parsed<Pipe> {
        let at = self.peek_solid().at;
        let (variables, assigns) = self.assigned(place)?;
        let mut commands: Vec<Command> = Vec::new();
        loop {
            let token = self.peek_solid();
            if token.kind == end {
                self.take();
                break;
            }
            let command = self.command(place)?;
            if !commands.is_empty() && !may_take_a_value(&command.first.operand) {
                let text = "what stands behind `|` must be a function or a method; a constant takes no value";
                return Err(Problem { at: command.first.at, text: text.to_owned() });
            }
            commands.push(command);
        }
        if commands.is_empty() {
            let text = format!("a value is missing in {place}");
            return Err(Problem { at, text });
        }
        Ok(Pipe { at, variables, assigns, commands })
    }

    /// The variables in front of `:=` or `=`, if the pipeline sets any, and whether it is `=`.
    fn assigned(&mut self, place: &str) -> Parsed<(Vec<String>, bool)> {
        let mut variables = Vec::new();
        loop {
            let start = self.next;
            let variable = self.peek_solid();
            if variable.kind != Kind::Variable {
                return Ok((variables, false));
            }
            self.take();
            let next = self.peek_solid();
            let comma = next.kind == Kind::Other && next.text == ",";
            if !comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.next = start;
                return Ok((variables, false));
            }
            self.take();
            variables.push(variable.text.to_owned());
            self.variables.push(variable.text.to_owned());
            if !comma {
                return Ok((variables, next.kind == Kind::Assign));
            }
            if place != "`range`" || variables.len() > 1 {
                let text = "too many variables; one is possible, and two in front of a `range`";
                return Err(Problem { at: next.at, text: text.to_owned() });
            }
            let after = self.peek_solid();
            if !matches!(after.kind, Kind::Variable | Kind::Right) {
                return Self::unexpected(after, "`range`, behind the comma: a second variable belongs there");
            }
        }
    }

    /// An operand and its arguments, up to `|`, which is taken, or to what ends the pipeline.
    fn command(&mut self, place: &str) -> Parsed<Command> {
        let first = self.operand(place)?;
        let mut arguments = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                Kind::Space => {
                    let next = self.peek_solid();
                    if !matches!(next.kind, Kind::Pipe | Kind::Right | Kind::Close) {
                        arguments.push(self.operand(place)?);
                    }
                }
                Kind::Pipe => {
                    self.take();
                    break;
                }
                Kind::Right | Kind::Close => break,
                Kind::Bad(_) | Kind::End => return Self::unexpected(token, place),
                _ => {
                    let text = format!("a space is missing in front of `{}`", shown(token.text));
                    return Err(Problem { at: token.at, text });
                }
            }
        }
        Ok(Command { first, arguments })
    }

    /// A term and the fields that are asked of it.
    fn operand(&mut self, place: &str) -> Parsed<Term> {
        let token = self.take_solid();
        let term = Term { at: token.at, operand: self.term(token, place)? };
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(field_name(self.take()));
        }
        if names.is_empty() {
            return Ok(term);
        }
        let at = term.at;
        let operand = match term.operand {
            Operand::Fields(mut first) => {
                first.append(&mut names);
                Operand::Fields(first)
            }
            Operand::Variable(name, _) => Operand::Variable(name, names),
            Operand::Pipe(_) | Operand::Function(_) => Operand::Chain(Box::new(term), names),
            _ => {
                let text = format!("`.` cannot follow `{}`; a constant has no fields", shown(token.text));
                return Err(Problem { at, text });
            }
        };
        Ok(Term { at, operand })
    }

    fn term(&mut self, token: Token<'_>, place: &str) -> Parsed<Operand> {
        let problem = |text| Problem { at: token.at, text };
        Ok(match token.kind {
            Kind::Dot => Operand::Dot,
            Kind::Nil => Operand::Nil,
            Kind::Bool => Operand::Bool(token.text == "true"),
            Kind::Number => Operand::Number(literal::number(token.text).map_err(problem)?),
            Kind::Char => Operand::Number(literal::character(token.text).map_err(problem)?),
            Kind::Quoted | Kind::Raw => Operand::Text(literal::text(token.text).map_err(problem)?),
            Kind::Field => Operand::Fields(vec![field_name(token)]),
            Kind::Variable => {
                if !self.variables.iter().any(|known| known == token.text) {
                    let name = shown(token.text);
                    let text = format!("the variable `{name}` is not known here; make it with `{{{{{name} := ...}}}}`");
                    return Err(problem(text));
                }
                Operand::Variable(token.text.to_owned(), Vec::new())
            }
            Kind::Identifier => Operand::Function(funcs::find(token.text).ok_or_else(|| {
                let known: Vec<&str> = funcs::names().collect();
                let text = format!("there is no function `{}`; there are: {}", shown(token.text), known.join(", "));
                problem(text)
            })?),
            Kind::Open => {
                self.enter(token.at)?;
                let pipe = self.pipeline("parentheses", Kind::Close)?;
                self.leave();
                Operand::Pipe(Box::new(pipe))
            }
            _ => return Self::unexpected(token, place),
        })
    }
}

fn field_name(token: Token<'_>) -> String {
    token.text.trim_start_matches('.').to_owned()
}

/// What may stand behind `|`.
const fn may_take_a_value(operand: &Operand) -> bool {
    !matches!(operand, Operand::Dot | Operand::Nil | Operand::Bool(_) | Operand::Number(_) | Operand::Text(_))
}
