import EventLoop
import Testing

@Suite("Workers")
struct WorkersTests {
    @Test(
        "work given away runs beside the loop, which takes the task back and stays free meanwhile")
    func beside() async {
        let loop = EventLoop()
        let workers = Workers()
        let heard = await Task(executorPreference: loop) {
            async let quick = loop.isCurrent
            let wasOnLoop = await withTaskExecutorPreference(workers) { loop.isCurrent }
            return (wasOnLoop, loop.isCurrent, await quick)
        }.value
        #expect(heard == (false, true, true))
        loop.stop()
    }

    @Test("one worker does a thousand pieces, each once")
    func many() async {
        let workers = Workers()
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<1_000 {
                group.addTask(executorPreference: workers) { number }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 499_500)
    }
}
