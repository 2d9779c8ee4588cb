import EventLoop
import Mesh
import MeshContract

/// What one look at the mesh shows.
struct MeshReading: Sendable {
    struct Service: Sendable {
        let name: String
        let service: String
        let url: String
        /// nil where nobody answers, or not in words that are understood.
        let stats: ServiceStats?
        /// How long its answer took.
        let answerMicroseconds: Int
        /// Why there is no answer.
        let trouble: String?
    }

    let services: [Service]
    /// By the clock of `monotonic`.
    let at: UInt64

    /// Asks all at once; who does not answer within a second is down.
    static func take(_ places: [MeshPlaces.Place]) async -> MeshReading {
        let services = await withTaskGroup(of: (Int, Service).self) { group in
            for (index, place) in places.enumerated() {
                group.addTask { (index, await ask(place)) }
            }
            var all: [(Int, Service)] = []
            for await one in group { all.append(one) }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return MeshReading(services: services, at: monotonic())
    }

    private static func ask(_ place: MeshPlaces.Place) async -> Service {
        let began = monotonic()
        func service(_ stats: ServiceStats?, _ trouble: String?) -> Service {
            Service(
                name: place.name, service: place.service, url: place.url, stats: stats,
                answerMicroseconds: Int((monotonic() - began) / 1_000), trouble: trouble)
        }
        // Stats are asked again and again where nobody is; one ping tells.
        guard await place.mesh.ping(place.service) else {
            return service(nil, "nobody answers at \(place.url)")
        }
        do {
            return service(try await place.mesh.stats(place.service), nil)
        } catch {
            return service(nil, error.description)
        }
    }
}
