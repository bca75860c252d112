package handlers

import "xunfang/models"

// What those who mend are told.
var (
	repairIsNew  = spoken{"新的报修", "New repair request"}
	repairIsBack = spoken{"一项报修被退回，请重新指派", "A repair was declined: please assign it anew"}
	repairIsLate = spoken{"报修超过时限", "A repair is overdue"}
)

// repairForRequester is what somebody hears of what was done with their repair.
var repairForRequester = map[models.RepairState]spoken{
	models.RepairRequested:  {"您的报修正在重新安排", "Your repair is being arranged anew"},
	models.RepairAssigned:   {"您的报修已安排人处理", "Somebody was assigned to your repair"},
	models.RepairAccepted:   {"您的报修已接单", "Your repair was accepted"},
	models.RepairInProgress: {"您的报修正在处理", "Your repair is under way"},
	models.RepairDone:       {"您的报修已完成，请评价", "Your repair is done: please rate it"},
	models.RepairCancelled:  {"您的报修已撤销", "Your repair was cancelled"},
}

// repairForMender is what whoever has a repair hears of it.
var repairForMender = map[models.RepairState]spoken{
	models.RepairAssigned:  {"有报修指派给您", "A repair was assigned to you"},
	models.RepairReopened:  {"一项报修要求重新处理", "A repair was reopened: please accept it anew"},
	models.RepairCancelled: {"一项报修已撤销", "A repair was cancelled"},
	models.RepairRated:     {"报修人作了评价", "The requester has rated a repair"},
}

var repairCategories = map[models.RepairCategory]spoken{
	models.RepairLamp: {"照明", "Lighting"}, models.RepairDoor: {"门与锁", "Doors and locks"}, models.RepairGate: {"大门、道闸", "Gate"},
	models.RepairLift: {"电梯", "Lift"}, models.RepairWater: {"用水", "Water"}, models.RepairElectricity: {"用电", "Electricity"},
	models.RepairFire: {"消防设施", "Fire equipment"}, models.RepairOther: {"其他", "Other"},
}
