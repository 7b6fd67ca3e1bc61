//! Running a template: `run` walks its nodes, `eval` works out its pipelines.

use super::ast::{List, Node, Pipe};
use super::bounds::{Budget, Buffer, DEEPEST_RUN, too_long};
use super::parse::{MAIN, Templates};
use super::print;
use super::value::{Source, Value};

/// Why a run stopped, and at which byte of the source.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) at: usize,
    pub(super) text: String,
}

pub(super) type Ran<T> = Result<T, Stop>;

/// Where to go on after a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// A run of a template over an event.
pub(super) struct Run<'e> {
    templates: &'e Templates,
    out: Buffer,
    pub(super) budget: Budget,
    /// Variables in scope with their `$`, the innermost last.
    variables: Vec<(&'e str, Value<'e>)>,
    /// How many blocks, parentheses and templates are open.
    depth: usize,
}

/// The bytes that the template makes of the event.
pub(super) fn run<'e>(templates: &'e Templates, source: &'e Source<'e>) -> Ran<Vec<u8>> {
    let dot = Value::Event(source);
    let variables = vec![("$", dot.clone())];
    let mut run = Run { templates, out: Buffer::output(), budget: Budget::new(), variables, depth: 0 };
    if let Some(main) = templates.get(MAIN) {
        run.list(&dot, main)?;
    }
    run.out.into_bytes().map_err(|text| Stop { at: 0, text })
}

impl<'e> Run<'e> {
    /// A step at this place.
    pub(super) fn step(&mut self, at: usize) -> Ran<()> {
        self.budget.step().map_err(|text| Stop { at, text })
    }

    /// Counts a level of nesting; [`Run::leave`] when it is over. A run that stops needs no leaving.
    pub(super) fn enter(&mut self, at: usize) -> Ran<()> {
        self.depth += 1;
        if self.depth > DEEPEST_RUN {
            let text =
                format!("exceeded maximum template depth ({DEEPEST_RUN}); does a template call itself for ever?");
            return Err(Stop { at, text });
        }
        Ok(())
    }

    pub(super) const fn leave(&mut self) {
        self.depth -= 1;
    }

    fn list(&mut self, dot: &Value<'e>, list: &'e List) -> Ran<Flow> {
        for node in list {
            let flow = match node {
                Node::Text(text) => {
                    self.out.push(text);
                    Flow::Next
                }
                Node::Action(pipe) => {
                    self.action(dot, pipe)?;
                    Flow::Next
                }
                Node::Choice { with, branches, otherwise } => self.choice(dot, *with, (branches, otherwise))?,
                Node::Range { over, body, otherwise } => self.range(dot, over, (body, otherwise))?,
                Node::Call { at, name, data } => {
                    self.call(dot, *at, (name, data.as_ref()))?;
                    Flow::Next
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// The variables that it makes stay until the block ends.
    fn action(&mut self, dot: &Value<'e>, pipe: &'e Pipe) -> Ran<()> {
        let value = self.pipeline(dot, pipe)?;
        if pipe.variables.is_empty() {
            print::values(&mut self.out, &[value], print::Nothing::NoValue);
        }
        if self.out.is_full() {
            return Err(Stop { at: pipe.at, text: too_long() });
        }
        Ok(())
    }

    fn choice(
        &mut self,
        dot: &Value<'e>,
        with: bool,
        (branches, otherwise): (&'e [(Pipe, List)], &'e List),
    ) -> Ran<Flow> {
        let scope = self.variables.len();
        let mut chosen = (dot.clone(), otherwise);
        for (pipe, body) in branches {
            let value = self.pipeline(dot, pipe)?;
            if value.is_true() {
                chosen = (if with { value } else { dot.clone() }, body);
                break;
            }
        }
        let at = branches.first().map_or(0, |(pipe, _)| pipe.at);
        self.enter(at)?;
        let flow = self.list(&chosen.0, chosen.1)?;
        self.leave();
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn range(&mut self, dot: &Value<'e>, over: &'e Pipe, (body, otherwise): (&'e List, &'e List)) -> Ran<Flow> {
        let scope = self.variables.len();
        let value = self.pipeline(dot, over)?;
        self.enter(over.at)?;
        let rounds: Box<dyn Iterator<Item = (Value<'e>, Value<'e>)> + 'e> = match value {
            Value::List(items) => {
                Box::new(items.iter().enumerate().map(|(at, item)| (Value::count(at), Value::of_json(item))))
            }
            Value::Map(map) => Box::new(map.iter().map(|(key, value)| (Value::key(key), value))),
            Value::Int(..) | Value::Uint(..) if over.variables.len() > 1 => {
                let text = format!("can't use a value of type {} to iterate over two variables", value.type_name());
                return Err(Stop { at: over.at, text });
            }
            Value::Int(count, kind) => Box::new((0..count).map(move |at| (Value::Missing, Value::Int(at, kind)))),
            Value::Uint(count, kind) => Box::new((0..count).map(move |at| (Value::Missing, Value::Uint(at, kind)))),
            Value::Missing | Value::Nil => Box::new(std::iter::empty()),
            value => {
                let text = format!("range can't iterate over a value of type {}", value.type_name());
                return Err(Stop { at: over.at, text });
            }
        };
        let flow = self.rounds(dot, over, (rounds, body, otherwise))?;
        self.leave();
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn rounds(
        &mut self,
        dot: &Value<'e>,
        over: &'e Pipe,
        (rounds, body, otherwise): (impl Iterator<Item = (Value<'e>, Value<'e>)>, &'e List, &'e List),
    ) -> Ran<Flow> {
        let scope = self.variables.len();
        let mut none = true;
        for (key, item) in rounds {
            none = false;
            self.step(over.at)?;
            match &over.variables[..] {
                [] => {}
                [value] => self.set(value, item.clone(), over.at)?,
                [index, value, ..] => {
                    self.set(index, key, over.at)?;
                    self.set(value, item.clone(), over.at)?;
                }
            }
            let flow = self.list(&item, body)?;
            self.variables.truncate(scope);
            if self.out.is_full() {
                return Err(Stop { at: over.at, text: too_long() });
            }
            if flow == Flow::Break {
                break;
            }
        }
        if !none {
            return Ok(Flow::Next);
        }
        // As in Go: a `continue` there is for the range around this one, a `break` only ends this one.
        let flow = self.list(dot, otherwise)?;
        Ok(if flow == Flow::Break { Flow::Next } else { flow })
    }

    /// Runs a template of its own: it sees no variables but `$`, its data.
    fn call(&mut self, dot: &Value<'e>, at: usize, (name, data): (&'e str, Option<&'e Pipe>)) -> Ran<()> {
        let Some(template) = self.templates.get(name) else {
            return Err(Stop { at, text: format!("template {name:?} not defined") });
        };
        self.step(at)?;
        self.enter(at)?;
        let dot = data.map_or(Ok(Value::Missing), |data| self.pipeline(dot, data))?;
        let variables = std::mem::replace(&mut self.variables, vec![("$", dot.clone())]);
        self.list(&dot, template)?;
        self.variables = variables;
        self.leave();
        Ok(())
    }

    /// Makes variables, or gives those of the name another value.
    pub(super) fn assign(&mut self, pipe: &'e Pipe, value: &Value<'e>) -> Ran<()> {
        for name in &pipe.variables {
            if pipe.assigns {
                self.set(name, value.clone(), pipe.at)?;
            } else {
                self.variables.push((name, value.clone()));
            }
        }
        Ok(())
    }

    /// The innermost variable of this name gets another value.
    fn set(&mut self, name: &str, value: Value<'e>, at: usize) -> Ran<()> {
        let index = self.index(name, at)?;
        if let Some(variable) = self.variables.get_mut(index) {
            variable.1 = value;
        }
        Ok(())
    }

    /// The value of a variable.
    pub(super) fn variable(&mut self, name: &str, at: usize) -> Ran<Value<'e>> {
        let index = self.index(name, at)?;
        Ok(self.variables.get(index).map_or(Value::Missing, |(_, value)| value.clone()))
    }

    /// Where the innermost variable of this name is. Looking through many of them is work.
    fn index(&mut self, name: &str, at: usize) -> Ran<usize> {
        let stop = |text| Stop { at, text };
        let index = self.variables.iter().rposition(|(known, _)| *known == name);
        let index =
            index.ok_or_else(|| stop(format!("undefined variable: {name}; give it a value with := before this")))?;
        self.budget.work(self.variables.len() - index).map_err(stop)?;
        Ok(index)
    }
}
