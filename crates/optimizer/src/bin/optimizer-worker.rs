//! Solves one linear program from stdin: what the tests start as a worker.

fn main() {
    optimizer::run_if_worker();
    eprintln!("usage: {} < program", optimizer::WORKER_ARGUMENT);
    std::process::exit(2);
}
