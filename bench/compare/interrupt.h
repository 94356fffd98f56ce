// Ctrl-C, and SIGTERM, as a question that long work asks: what runs ends in good order then, and
// leaves nothing behind.
#ifndef BENCH_COMPARE_INTERRUPT_H_
#define BENCH_COMPARE_INTERRUPT_H_

namespace sessionhub::bench {

// From now on Ctrl-C and SIGTERM are noted; one that comes seconds later ends the process at once.
void NoteInterrupts();

// True once one has come.
bool Interrupted();

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_INTERRUPT_H_
