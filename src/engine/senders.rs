//! Where requests are sent from: the dispatcher's own thread, and under load further ones beside it.
//!
//! Each thread has a current-thread runtime and a client of its own; a runtime that moves tasks between threads costs more
//! than it gives here. A request alone in flight is sent by the dispatcher itself: no other thread need be woken for it.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

use crate::config::Network;
use crate::wire::Request;

use super::transport::{Sent, Transport};

/// With fewer in flight the dispatcher sends by itself; a further thread is worth its while for each so many more.
const WORTH_A_THREAD: usize = 12;

/// Most threads beside the dispatcher's own.
const MOST: usize = 4;

/// Cores that the dispatcher and the writer of the journal keep busy.
const TAKEN: usize = 2;

/// Most answers taken at once.
const MOST_ANSWERS: usize = 256;

/// A request to send.
#[derive(Debug)]
pub(super) struct Job {
    /// The delivery's sequence.
    pub delivery: i64,
    pub request: Arc<Request>,
    pub timeout: Duration,
}

/// What became of a [`Job`]: the delivery's sequence, and the answer or the lack of one. None: its task ended without an
/// answer (it panicked, which is a fault of ours, or was cut off).
pub(super) type Answer = (i64, Option<Sent>);

/// Sends requests, and gives back what came of them.
#[derive(Debug)]
pub(super) struct Senders {
    own: Transport,
    others: Vec<Sender>,
    /// How many there may be.
    most: usize,
    network: Network,
    turn: usize,
    answer: UnboundedSender<Answer>,
    answers: UnboundedReceiver<Answer>,
}

/// A thread that sends; ends, and cuts off what it has under way, when this is dropped.
#[derive(Debug)]
struct Sender {
    orders: Option<UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// What a thread that sends is told.
#[derive(Debug)]
enum Order {
    Send(Job),
    /// What is sent from now on obeys this.
    Renew(Network),
}

impl Senders {
    /// Senders over this transport of the dispatcher's own thread. A scripted one has no others.
    pub fn new(own: Transport, network: Network) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let most = if matches!(own, Transport::Http(_)) { cores.saturating_sub(TAKEN).min(MOST) } else { 0 };
        let (answer, answers) = unbounded_channel();
        Self { own, others: Vec::new(), most, network, turn: 0, answer, answers }
    }

    /// What is sent from now on obeys other rules; what is under way ends as it began.
    pub fn renew(&mut self, own: Transport, network: Network) {
        for sender in &self.others {
            sender.tell(Order::Renew(network.clone()));
        }
        (self.own, self.network) = (own, network);
    }

    /// Sends a request. `in_flight` tells how many are under way. Answers with a handle to cut it off, if it is sent from
    /// the caller's own thread; the others are cut off when this is dropped.
    pub fn send(&mut self, job: Job, in_flight: usize) -> Option<AbortHandle> {
        let Some(at) = self.pick(in_flight) else {
            return Some(tokio::spawn(carry_out(job, self.own.clone(), self.answer.clone())).abort_handle());
        };
        let delivery = job.delivery;
        if !self.others.get(at).is_some_and(|sender| sender.tell(Order::Send(job))) {
            // The thread has died: its panic is in the log, and the attempt is one that was cut off.
            let _ = self.answer.send((delivery, None));
        }
        None
    }

    /// The thread for the next request, if not the caller's own.
    fn pick(&mut self, in_flight: usize) -> Option<usize> {
        let wanted = (in_flight / WORTH_A_THREAD).min(self.most);
        while self.others.len() < wanted {
            // Without a further thread it goes slower, and that is all.
            let Ok(sender) = Sender::start(&self.network, self.answer.clone()) else { break };
            self.others.push(sender);
        }
        self.turn = self.turn.wrapping_add(1);
        self.turn.checked_rem(wanted.min(self.others.len()))
    }

    /// Waits for answers.
    pub async fn answers(&mut self) -> Vec<Answer> {
        let mut answers = Vec::new();
        self.answers.recv_many(&mut answers, MOST_ANSWERS).await;
        answers
    }

    /// An answer that is there already.
    pub fn answer(&mut self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

impl Sender {
    fn start(network: &Network, answer: UnboundedSender<Answer>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (orders, queue) = unbounded_channel();
        let network = network.clone();
        let thread = std::thread::Builder::new().name("sender".to_owned()).spawn(move || {
            runtime.block_on(follow(queue, &network, &answer));
            // As the engine's: a look-up of a name holds up no stop.
            runtime.shutdown_background();
        })?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Whether the thread is there to hear it.
    fn tell(&self, order: Order) -> bool {
        self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok())
    }
}

/// A sending thread's life. Its connections are its own.
async fn follow(mut orders: UnboundedReceiver<Order>, network: &Network, answer: &UnboundedSender<Answer>) {
    let mut transport = Transport::http(network);
    while let Some(order) = orders.recv().await {
        match order {
            Order::Renew(network) => transport = Transport::http(&network),
            Order::Send(job) => drop(tokio::spawn(carry_out(job, transport.clone(), answer.clone()))),
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn carry_out(job: Job, transport: Transport, answer: UnboundedSender<Answer>) {
    let mut promise = Promise { delivery: job.delivery, sent: None, answer };
    promise.sent = Some(transport.send(&job.request, job.timeout).await);
}

/// Answers when it is dropped, however that comes about.
struct Promise {
    delivery: i64,
    sent: Option<Sent>,
    answer: UnboundedSender<Answer>,
}

impl Drop for Promise {
    fn drop(&mut self) {
        // Nobody waits any more when the dispatcher has ended.
        let _ = self.answer.send((self.delivery, self.sent.take()));
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use super::super::transport::{Failure, Script};
    use super::*;

    #[test]
    fn threads_come_with_the_load_and_share_it() {
        let network = Network::default();
        let mut senders = Senders::new(Transport::http(&network), network.clone());
        senders.most = 2;
        let few = WORTH_A_THREAD - 1;
        let picked = [0, few, WORTH_A_THREAD, WORTH_A_THREAD, 1_000, 1_000].map(|in_flight| senders.pick(in_flight));
        assert_eq!(picked[..4], [None, None, Some(0), Some(0)]);
        assert!(picked[4].is_some() && picked[5].is_some() && picked[4] != picked[5]);
        senders.renew(Transport::http(&network), network);
        assert_eq!(senders.others.len(), 2);
    }

    fn job(url: &str) -> Job {
        let url = crate::wire::SecretUrl::new(url.parse().unwrap());
        let request = Request { method: "POST", url, headers: Vec::new(), body: bytes::Bytes::new() };
        Job { delivery: 7, request: Arc::new(request), timeout: Duration::from_secs(5) }
    }

    #[tokio::test]
    async fn what_another_thread_sends_is_answered_here() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let network = Network::default();
        let mut senders = Senders::new(Transport::http(&network), network);
        senders.most = 1;
        assert!(senders.send(job(&url), 1_000).is_none(), "not on this thread");
        let answers = senders.answers().await;
        let [(7, Some(sent))] = &answers[..] else { panic!("{answers:?}") };
        assert_eq!(sent.failure, Some(Failure::Network("connection refused".to_owned())));
    }

    #[derive(Debug)]
    struct Panics;

    impl Script for Panics {
        fn send<'a>(&'a self, _: &'a Request, _: Duration) -> Pin<Box<dyn Future<Output = Sent> + Send + 'a>> {
            Box::pin(async { panic!("a fault of ours") })
        }
    }

    #[tokio::test]
    async fn a_job_that_panics_is_answered_all_the_same() {
        let mut senders = Senders::new(Transport::Scripted(Arc::new(Panics)), Network::default());
        // A script is played on the dispatcher's own thread however much there is to do.
        assert!(senders.send(job("http://localhost/"), 1_000).is_some());
        let answers = senders.answers().await;
        assert!(matches!(answers[..], [(7, None)]), "{answers:?}");
    }
}
