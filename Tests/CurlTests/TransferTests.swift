import Testing

@testable import Curl

@Suite struct TransferTests {
    @Test("a transfer counts as held back until the loop has let it go on")
    func heldBack() async {
        let transfer = Transfer(ClientRequest(url: "http://a/"), readAhead: 1)
        let bytes: [UInt8] = [1, 2]
        bytes.withUnsafeBytes { transfer.receive($0) }
        #expect(!transfer.hasRoom() && transfer.isPaused)
        var goesOn = false
        let chunk = await withUnsafeContinuation { goesOn = transfer.wait(.chunk($0)) }
        #expect(goesOn && chunk == .success(bytes))
        #expect(transfer.isPaused)
    }
}
