package models

import "time"

// The security group of a compound: police, property and owners' committee. Nobody keeps a list of its members: whoever
// holds one of GroupRoles over the whole compound is in it, and with the role's end is out.

// AlertGroup tells the members of a compound's security group that there is something to read.
const AlertGroup = "group"

const (
	// MaxGroupUnread is how many of a group's newest messages are looked at for what somebody has not read.
	MaxGroupUnread = 100
	// GroupSearched is how many messages one page of a search opens: their text is sealed, so no index knows it.
	GroupSearched = 500
	// GroupDeleteFor is how long an author may delete what they wrote.
	GroupDeleteFor = 5 * time.Minute
	// MaxGroupDue is how far ahead a notice can be due.
	MaxGroupDue = 30 * 24 * time.Hour
	// GroupNoticeAlert is how long the alert about a notice without a due time climbs.
	GroupNoticeAlert = 72 * time.Hour
	// GroupMessageAlert is how long the alert about a message is worth delivering.
	GroupMessageAlert = 24 * time.Hour
	// MaxGroupAlert is the longest life of either.
	MaxGroupAlert = 7 * 24 * time.Hour
)

// GroupRoles are the roles whose holders are members. Who holds several is told by the first.
var GroupRoles = []Role{RoleOfficer, RoleProperty, RoleCommittee}

// GroupSeat is as what somebody is in a group.
type GroupSeat struct {
	Role     Role
	Member   bool // else a commander, who sees every group and is in none
	Oversees bool // a commander, whether a member or not
}

// GroupMember is one member of a group.
type GroupMember struct {
	PersonID ID
	Role     Role
}

// GroupState is what one person is shown of a group.
type GroupState struct {
	LastAt time.Time // zero: no message yet
	Unread int       // at most MaxGroupUnread
}

// SeatInGroup says as what the caller may do an operation in the group of a compound. No is CodeNotFound.
func SeatInGroup(operation Operation, who Principal, compound Place) (GroupSeat, error) {
	object := Object{Place: compound}
	_, refusal := byRole(operation, who, RoleCommander, object)
	for _, role := range GroupRoles {
		if _, err := byRole(operation, who, role, object); err == nil {
			return GroupSeat{Role: role, Member: true, Oversees: refusal == nil}, nil
		}
	}
	if refusal != nil {
		return GroupSeat{}, refusal
	}
	return GroupSeat{Role: RoleCommander, Oversees: true}, nil
}

// LeadsGroup says whether the seat is of the police, who ask for acknowledgements.
func (s GroupSeat) LeadsGroup() bool { return s.Role == RoleOfficer || s.Oversees }
