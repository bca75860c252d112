package handlers

import "xunfang/models"

// What those who mend are told, and the owners' committee.
var (
	repairIsNew      = spoken{"新的报修", "A new repair request"}
	repairIsDeclined = spoken{"一项报修被退回，请重新指派", "A repair was declined: please assign it anew"}
	repairIsLate     = spoken{"报修超过时限", "A repair is overdue"}
)

// What the requester of a repair is told of its way.
var repairForRequester = map[models.RepairState]spoken{
	models.RepairRequested:  {"您的报修正在重新安排", "Your repair is being arranged anew"},
	models.RepairAssigned:   {"您的报修已安排人处理", "Somebody was assigned to your repair"},
	models.RepairAccepted:   {"您的报修已接单", "Your repair was accepted"},
	models.RepairInProgress: {"您的报修正在处理", "Your repair is under way"},
	models.RepairDone:       {"您的报修已完成，请评价", "Your repair is done: please rate it"},
	models.RepairCancelled:  {"您的报修已撤销", "Your repair was cancelled"},
}

// What whoever has a repair is told of it.
var repairForMender = map[models.RepairState]spoken{
	models.RepairAssigned:  {"有报修指派给您", "A repair was assigned to you"},
	models.RepairCancelled: {"一项报修已撤销", "A repair was cancelled"},
	models.RepairRated:     {"报修人作了评价", "The requester has rated a repair"},
}

// repairCategories are the categories in words.
var repairCategories = map[models.RepairCategory]spoken{
	models.RepairLamp:        {"灯", "Lamp"},
	models.RepairDoor:        {"门和锁", "Door or lock"},
	models.RepairGate:        {"大门和道闸", "Gate or barrier"},
	models.RepairLift:        {"电梯", "Lift"},
	models.RepairWater:       {"水", "Water"},
	models.RepairElectricity: {"电", "Electricity"},
	models.RepairFire:        {"消防设施", "Fire equipment"},
	models.RepairOther:       {"其他", "Other"},
}
