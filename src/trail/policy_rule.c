/* The rules by name, and what breaking one means for the reader. */
#include "trail/policy.h"

#include "base/i18n.h"

const char *
policy_rule_name(enum policy_rule r)
{
	switch (r) {
#define X(id, name)                                                                                \
	case RULE_##id:                                                                            \
		return name;
		POLICY_RULES(X)
#undef X
	}
	return "";
}

const char *
policy_rule_meaning(enum policy_rule r)
{
	switch (r) {
	case RULE_SIGNATURE:
		return _(
		    "Nobody can tell who made this change, or it was altered after it was signed.");
	case RULE_SIGNER:
		return _("The device that signed this change had no right to sign at that point.");
	case RULE_AUTHOR:
		return _("The change names someone other than the one who signed it.");
	case RULE_FORMAT:
		return _("The change is not written in the form that Akt writes, so it may hide "
			 "something.");
	case RULE_TRAIL:
		return _("The chain is broken: something before this change was altered, or is "
			 "missing.");
	case RULE_ROOT:
		return _("The store does not begin as a store must, so nothing after it can be "
			 "trusted.");
	case RULE_PARENTS:
		return _(
		    "The change does not follow from the history that it claims to follow from.");
	case RULE_PATH:
		return _("There is a file in the store that does not belong there.");
	case RULE_CONTROL:
		return _(
		    "A file that says who may do what cannot be read, so nobody could rely on it.");
	case RULE_ADMIN:
		return _("Somebody changed what only an administrator may change, "
			 "or left the store without one.");
	case RULE_TEAM:
		return _(
		    "The members or keys of a team were changed in a way that is not allowed.");
	case RULE_ACCESS:
		return _("Somebody changed a dossier that they may not read, "
			 "or its readers in a way that is not allowed.");
	case RULE_ROLE:
		return _("Somebody wrote a kind of record that their role does not write.");
	case RULE_RECORD:
		return _("A record was not stored the way records are stored.");
	case RULE_REMOVED:
		return _("Something that was saved has disappeared without a lawful erasure.");
	case RULE_DOSSIER:
		return _("A dossier's own description is missing or does not fit it.");
	case RULE_KEYS:
		return _("The keys of a dossier were lost, "
			 "or given to somebody who is not on its list.");
	case RULE_ERASE:
		return _("An erasure was not ordered, confirmed or carried out as the rules say.");
	case RULE_MERGE:
		return _("Putting two people's work together lost or changed something.");
	case RULE_MERGE_CONTROL:
		return _("Putting two people's work together gave rights that neither side gave, "
			 "or lost some.");
	case RULE_ADMIT:
		return _("Work of somebody whose rights had been taken away was let in without an "
			 "administrator's word.");
	case RULE_SIGNERS:
		return _("The list of signing keys that other tools use does not fit the members.");
	case RULE_DAMAGE:
		return _("Part of the history is damaged or missing.");
	}
	return "";
}
