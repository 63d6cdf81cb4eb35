//! Bare sends: what any message to many sockets costs the system.

use std::{
    io::Write as _,
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::socket::frame;

/// Whoever connects is told the newest line, and from then on every one.
#[derive(Default)]
struct Told {
    newest: Vec<u8>,
    sockets: Vec<TcpStream>,
}

pub(super) fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("http://{}/", listener.local_addr().expect("an address"));
    let told = Arc::new(Mutex::new(Told::default()));
    let mut lines = std::io::stdin().lines();
    lock(&told).newest = frame(&lines.next().expect("a first line").expect("text"));
    let newcomers = Arc::clone(&told);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a socket");
            socket.set_nodelay(true).expect("a socket");
            let mut told = lock(&newcomers);
            socket.write_all(&told.newest).expect("a socket that takes it");
            told.sockets.push(socket);
        }
    });
    for line in lines {
        let mut told = lock(&told);
        told.newest = frame(&line.expect("text"));
        let Told { newest, sockets } = &mut *told;
        for socket in sockets {
            socket.write_all(newest).expect("a socket that takes it");
        }
    }
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}
