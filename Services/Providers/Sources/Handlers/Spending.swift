import Contracts
import Mesh
import MeshContract
import Routing

extension ProvidersNode {
    func setBudget(_ request: Providers.SetBudget, _ call: Call) async throws -> Done {
        try await budgets.set(try Budget(request))
        return Done()
    }

    func deleteBudget(_ request: Providers.DeleteBudget, _ call: Call) async throws -> Done {
        try await budgets.delete(request.name)
        return Done()
    }

    func forgetBudgets(_ request: Providers.ForgetBudgets, _ call: Call) async throws -> Done {
        try await budgets.forget(of: request.owner)
        return Done()
    }

    func listBudgets(
        _ request: Providers.ListBudgets, _ call: Call
    ) async throws -> Providers.BudgetList {
        try await budgets.list(request)
    }
}
