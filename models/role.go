package models

// Role is what a person, or a device, may be asked to do; always within a scope.
type Role string

// The roles of "1 + 3 + N", the residents, and the machines.
const (
	RoleCommander  Role = "commander"   // 值班所长
	RoleOfficer    Role = "officer"     // 社区民警
	RoleAuxiliary  Role = "auxiliary"   // 辅警
	RoleGridWorker Role = "grid_worker" // 网格员
	RoleActivist   Role = "activist"    // 治安积极分子
	RoleProperty   Role = "property"    // 物业
	RoleGuard      Role = "guard"       // 门卫
	RoleVolunteer  Role = "volunteer"   // 红袖套
	RoleCommittee  Role = "committee"   // 业委会
	RoleResident   Role = "resident"    // 居民、租户
	RoleDevice     Role = "device"      // 门禁、道闸、摄像头
	RoleAdmin      Role = "admin"       // 系统管理员
	RoleReporter   Role = "reporter"    // 凭回执的匿名举报人: whoever holds a receipt, for the one tip it is of
)

// PersonRoles are the roles that a person can hold, in the order of domain words.
var PersonRoles = []Role{
	RoleCommander, RoleOfficer, RoleAuxiliary, RoleGridWorker, RoleActivist, RoleProperty,
	RoleGuard, RoleVolunteer, RoleCommittee, RoleResident, RoleAdmin,
}

// AllRoles is PersonRoles, the device, and the holder of a receipt, whom nobody knows.
var AllRoles = append(append([]Role{}, PersonRoles...), RoleDevice, RoleReporter)

// Known says whether the role is one of ours.
func (r Role) Known() bool {
	for _, role := range AllRoles {
		if role == r {
			return true
		}
	}
	return false
}

// MayHoldAt says whether the role makes sense in a scope: a resident lives in a home,
// a commander commands a station.
func (r Role) MayHoldAt(level Level) bool {
	switch r {
	case RoleCommander, RoleAdmin:
		return level == LevelStation
	case RoleResident:
		return level == LevelHome
	case RoleProperty, RoleGuard, RoleCommittee:
		return level == LevelCompound || level == LevelBuilding
	case RoleOfficer, RoleAuxiliary, RoleGridWorker, RoleActivist, RoleVolunteer:
		return level == LevelStation || level == LevelCompound || level == LevelBuilding
	default:
		return false
	}
}
