public import MeshContract
import EventLoop
import Nng
import SP

/// What carries calls between processes. Both speak nng's req/rep on the same addresses, so that
/// a service on one is called from the other.
public enum Carrier: String, CaseIterable, Sendable {
    /// Our own loop.
    case loop
    /// libnng.
    case nng

    /// The setting's value; nothing set means our own.
    public init(setting value: String?) throws(Fault) {
        guard let value, !value.isEmpty else {
            self = .loop
            return
        }
        guard let carrier = Carrier(rawValue: value) else {
            throw Fault(.invalid, "ATELIER_MESH_CARRIER is loop or nng, not \(value)")
        }
        self = carrier
    }

    /// The calls to one address. `changed` hears, from the loop, whenever the channel's state may
    /// have changed.
    func channel(
        to address: SPAddress, on loop: EventLoop, trust: SPTrust = SPTrust(),
        _ changed: @escaping @Sendable () -> Void = {}
    ) -> any Channel {
        switch self {
        case .loop: SPPeer(address, on: loop, trust: trust, changed: changed)
        case .nng:
            NngCaller(
                address.place, on: loop, preface: trust.preface.map(NngPreface.init),
                changed: changed)
        }
    }

    /// Refuses what this carrier does not reach.
    func address(_ url: String) throws(Fault) -> SPAddress {
        if self == .nng, url.hasPrefix("tls+tcp://") {
            throw Fault(
                .invalid, "\(url) is not carried by libnng here",
                detail: "our own loop does: set ATELIER_MESH_CARRIER=loop")
        }
        guard let address = SPAddress(url) else {
            throw Fault(
                .invalid, "\(url) is no address",
                detail: "a socket's path may have 107 bytes; use a shorter data folder")
        }
        return address
    }
}
