//! What pipelines, commands, fields and arguments come to.

use super::ast::{Command, Number, Operand, Pipe, Term};
use super::funcs::{Function, Param, Run as How};
use super::run::{Ran, Run, Stop};
use super::time::{self, Method};
use super::value::{FIELDS, Signed, Text, Value};

/// The arguments of a call: those that stand behind it, and the value that came through the `|`.
#[derive(Clone, Copy)]
struct Arguments<'a, 'e> {
    terms: &'e [Term],
    piped: Option<&'a Value<'e>>,
}

impl Arguments<'_, '_> {
    const NONE: Arguments<'static, 'static> = Arguments { terms: &[], piped: None };

    fn count(&self) -> usize {
        self.terms.len() + usize::from(self.piped.is_some())
    }
}

impl<'e> Run<'e> {
    /// The value of a pipeline; its variables are set.
    pub(super) fn pipeline(&mut self, dot: &Value<'e>, pipe: &'e Pipe) -> Ran<Value<'e>> {
        let mut value = None;
        for command in &pipe.commands {
            self.step(command.first.at)?;
            value = Some(self.command(dot, command, value.as_ref())?.inner());
        }
        let value = value.unwrap_or(Value::Missing);
        self.assign(pipe, &value)?;
        Ok(value)
    }

    fn command(&mut self, dot: &Value<'e>, command: &'e Command, piped: Option<&Value<'e>>) -> Ran<Value<'e>> {
        let arguments = Arguments { terms: &command.arguments, piped };
        let at = command.first.at;
        let takes_none = || {
            let text = "can't give argument to non-function".to_owned();
            if arguments.count() > 0 { Err(Stop { at, text }) } else { Ok(()) }
        };
        match &command.first.operand {
            Operand::Function(function) => self.function(dot, function, at, arguments),
            Operand::Fields(names) => self.fields(dot, dot.clone(), (names, at), arguments),
            Operand::Chain(term, names) => {
                let receiver = self.operand(dot, term)?;
                self.fields(dot, receiver, (names, at), arguments)
            }
            Operand::Variable(name, names) if !names.is_empty() => {
                let receiver = self.variable(name, at)?;
                self.fields(dot, receiver, (names, at), arguments)
            }
            Operand::Nil => Err(Stop { at, text: "nil is not a command; give it to a function".to_owned() }),
            _ => {
                takes_none()?;
                self.operand(dot, &command.first)
            }
        }
    }

    /// An operand without arguments, where nothing asks for a type.
    fn operand(&mut self, dot: &Value<'e>, term: &'e Term) -> Ran<Value<'e>> {
        self.step(term.at)?;
        Ok(match &term.operand {
            Operand::Dot => dot.clone(),
            Operand::Nil => Value::Missing,
            Operand::Bool(value) => Value::Bool(*value),
            Operand::Number(number) => constant(number),
            Operand::Text(text) => Value::Text(Text::Borrowed(text)),
            Operand::Fields(names) => self.fields(dot, dot.clone(), (names, term.at), Arguments::NONE)?,
            Operand::Variable(name, names) => {
                let value = self.variable(name, term.at)?;
                self.fields(dot, value, (names, term.at), Arguments::NONE)?
            }
            Operand::Function(function) => self.function(dot, function, term.at, Arguments::NONE)?,
            Operand::Pipe(pipe) => {
                self.enter(term.at)?;
                let value = self.pipeline(dot, pipe)?;
                self.leave();
                value
            }
            Operand::Chain(inner, names) => {
                let receiver = self.operand(dot, inner)?;
                self.fields(dot, receiver, (names, term.at), Arguments::NONE)?
            }
        })
    }

    /// `.A.B.C`: only the last of them gets the arguments.
    fn fields(
        &mut self,
        dot: &Value<'e>,
        receiver: Value<'e>,
        (names, at): (&'e [String], usize),
        arguments: Arguments<'_, 'e>,
    ) -> Ran<Value<'e>> {
        let mut value = receiver;
        for (index, name) in names.iter().enumerate() {
            let arguments = if index + 1 == names.len() { arguments } else { Arguments::NONE };
            value = self.field(dot, value, (name, at), arguments)?;
        }
        Ok(value)
    }

    /// A field of the event, a key of a map, or a method.
    fn field(
        &mut self,
        dot: &Value<'e>,
        receiver: Value<'e>,
        (name, at): (&'e str, usize),
        arguments: Arguments<'_, 'e>,
    ) -> Ran<Value<'e>> {
        let stop = |text| Err(Stop { at, text });
        self.step(at)?;
        if let Some(method) = time::find(&receiver, name) {
            let given = self.arguments(dot, (name, at), (method.parameters, None), arguments)?;
            let found = self.method(method, &receiver, &given);
            return found.or_else(|text| stop(format!("error calling {name}: {text}")));
        }
        let no_arguments = |value| {
            if arguments.count() > 0 {
                return stop(format!("{name} is not a method but has arguments"));
            }
            Ok(value)
        };
        match receiver {
            // A key of what is not there is not there either.
            Value::Missing => Ok(Value::Missing),
            Value::Nil => stop(format!("nil pointer evaluating interface {{}}.{name}")),
            Value::Event(source) => match source.field(name) {
                Some(Ok(value)) => no_arguments(value),
                Some(Err(text)) => stop(text),
                None => {
                    let known = FIELDS.join(", ");
                    stop(format!("can't evaluate field {name} in type webhook.Event; an event has {known}"))
                }
            },
            Value::Map(map) => no_arguments(map.get(name.as_bytes()).unwrap_or(Value::Missing)),
            other => stop(format!("can't evaluate field {name} in type {}", other.type_name())),
        }
    }

    /// Calls a method. Each byte of a layout is a step: it may stand for a part of the time.
    fn method(&mut self, method: &Method, receiver: &Value<'e>, given: &[Value<'e>]) -> Result<Value<'e>, String> {
        if let [Value::Text(layout)] = given {
            self.budget.steps(layout.bytes().len())?;
        }
        let value = method.call(receiver, given)?;
        if let Value::Text(text) = &value {
            self.budget.pay(text.bytes().len())?;
        }
        Ok(value)
    }

    fn function(
        &mut self,
        dot: &Value<'e>,
        function: &'static Function,
        at: usize,
        arguments: Arguments<'_, 'e>,
    ) -> Ran<Value<'e>> {
        let name = function.name;
        let run = match function.run {
            How::Eager(run) => run,
            How::Lazy(and) => {
                count_arguments((name, at), (function.parameters, function.rest), arguments)?;
                return self.decide(dot, and, arguments);
            }
        };
        let given = self.arguments(dot, (name, at), (function.parameters, function.rest), arguments)?;
        run(&mut self.budget, &given).map_err(|text| Stop { at, text: format!("error calling {name}: {text}") })
    }

    /// `and`, `or`: what comes after the argument that decides is not looked at.
    fn decide(&mut self, dot: &Value<'e>, and: bool, arguments: Arguments<'_, 'e>) -> Ran<Value<'e>> {
        let mut value = Value::Missing;
        for term in arguments.terms {
            value = self.argument(dot, term, Param::Any)?;
            if value.is_true() != and {
                return Ok(value);
            }
        }
        Ok(arguments.piped.cloned().unwrap_or(value))
    }

    /// The arguments, each fit for its parameter.
    fn arguments(
        &mut self,
        dot: &Value<'e>,
        (name, at): (&str, usize),
        (parameters, rest): (&'static [Param], Option<Param>),
        arguments: Arguments<'_, 'e>,
    ) -> Ran<Vec<Value<'e>>> {
        count_arguments((name, at), (parameters, rest), arguments)?;
        let parameter = |at: usize| parameters.get(at).copied().or(rest).unwrap_or(Param::Any);
        let mut given = Vec::with_capacity(arguments.count());
        for (index, term) in arguments.terms.iter().enumerate() {
            given.push(self.argument(dot, term, parameter(index))?);
        }
        if let Some(piped) = arguments.piped {
            let value = fit(piped.clone(), parameter(given.len()));
            given.push(value.map_err(|text| Stop { at, text })?);
        }
        Ok(given)
    }

    /// One argument. A constant takes the type of its parameter.
    fn argument(&mut self, dot: &Value<'e>, term: &'e Term, parameter: Param) -> Ran<Value<'e>> {
        let stop = |text| Err(Stop { at: term.at, text });
        let value = match (&term.operand, parameter) {
            (Operand::Nil, Param::Any) => return Ok(Value::Missing),
            (Operand::Nil, Param::Interface) => return Ok(Value::Nil),
            (Operand::Nil, _) => return stop(format!("cannot assign nil to {}", name_of(parameter))),
            (Operand::Number(Number { int: Some(int), .. }), Param::Int) => Value::Int(*int, Signed::Int),
            (Operand::Number(Number { int: Some(int), .. }), Param::Duration) => Value::Int(*int, Signed::Duration),
            (Operand::Number(_) | Operand::Bool(_) | Operand::Text(_), _) => {
                let value = self.operand(dot, term)?;
                let found = value.type_name();
                let fitting = fit(value, parameter);
                return fitting.or_else(|_| stop(format!("expected {}; found a {found}", name_of(parameter))));
            }
            _ => self.operand(dot, term)?,
        };
        fit(value, parameter).or_else(stop)
    }
}

fn count_arguments(
    (name, at): (&str, usize),
    (parameters, rest): (&[Param], Option<Param>),
    arguments: Arguments<'_, '_>,
) -> Ran<()> {
    let (least, given) = (parameters.len(), arguments.count());
    let text = match rest {
        Some(_) if given < least => format!("wrong number of args for {name}: want at least {least} got {given}"),
        None if given != least => format!("wrong number of args for {name}: want {least} got {given}"),
        _ => return Ok(()),
    };
    Err(Stop { at, text })
}

/// The value, if the parameter takes it.
fn fit(value: Value<'_>, parameter: Param) -> Result<Value<'_>, String> {
    match (parameter, value) {
        (Param::Interface, value) => Ok(if value.is_nil() { Value::Nil } else { value }),
        (Param::Any, value)
        | (Param::Text, value @ Value::Text(_))
        | (Param::Int, value @ Value::Int(_, Signed::Int))
        | (Param::Duration, value @ Value::Int(_, Signed::Duration))
        | (Param::Time, value @ Value::Time(_)) => Ok(value),
        (_, Value::Missing) => Err(format!("invalid value; expected {}", name_of(parameter))),
        (_, value) => Err(format!("wrong type for value; expected {}; got {}", name_of(parameter), value.type_name())),
    }
}

const fn name_of(parameter: Param) -> &'static str {
    match parameter {
        Param::Any | Param::Interface => "interface {}",
        Param::Text => "string",
        Param::Int => "int",
        Param::Duration => "time.Duration",
        Param::Time => "time.Time",
    }
}

/// A number where nothing asks for a type: its spelling decides.
const fn constant(number: &Number) -> Value<'static> {
    match number.int {
        Some(int) if !number.written_as_float => Value::Int(int, Signed::Int),
        _ => Value::Float(number.float),
    }
}

impl Value<'_> {
    /// A key of a map as a value.
    pub(super) const fn key(key: &str) -> Value<'_> {
        Value::Text(Text::Borrowed(key.as_bytes()))
    }
}
