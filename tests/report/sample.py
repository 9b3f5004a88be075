#!/usr/bin/env python3
"""Invented records, so that every report has something to show: sample.py DIR. Always the same; JSON, which
is YAML. They refer to the staff of records/; nobody and nothing in them exists."""
import datetime
import json
import os
import random
import sys

out, rnd = sys.argv[1], random.Random(2026)
os.makedirs(out, exist_ok=True)
TODAY = datetime.date(2026, 11, 20)
TEAMS = ['mottag', 'utredning_1', 'utredning_2', 'ungdom']
HANDLERS = ['staff-h017', 'staff-h022', 'staff-h031']
QUESTIONS = {'decision_motivated': (71, 80, 86), 'inv_child_heard': (74, 83, 90), 'best_interests': (62, 70, 81),
             'child_attitude': (48, 57, 69)}


def day(d):
    return d.isoformat()


def after(d, n):
    return d + datetime.timedelta(days=n)


def put(kind, ident, data, made='2024-01-10'):
    rec = {'akt': 1, 'type': kind, 'v': 1, 'id': f'{kind}-{ident}', 'created': {'at': made + 'T08:00:00Z', 'by': 'import'},
           'updated': {'at': made + 'T08:00:00Z', 'by': 'import'}, 'data': {'state': 'final', **data}}
    with open(f'{out}/{kind}-{ident}.yaml', 'w', encoding='utf-8') as f:
        json.dump(rec, f, ensure_ascii=False, indent=0)


def ja(percent):
    return 'ja' if rnd.randrange(100) < percent else 'nej'


def providers():
    for i in range(1, 9):
        kind = 'private' if i < 7 else 'municipal'
        data = {'name': f'HVB Exempelgården {i + 60}', 'operator': kind, 'forms': ['hvb'], 'active': True,
                'placement_stop': i == 3, 'frameworks': ['framework_city']}
        if i == 3:
            data['placement_stop_reason'] = 'Pågående tillsyn.'
        data['permit'] = {'kind': 'permit' if kind == 'private' and i != 5 else 'notification', 'ref': f'SYN-IVO-{i:04}',
                          'age_from': 12, 'age_to': 17, 'max_places': 4 + i % 5}
        put('provider', f'r{i:03}', data)
        for n, half in enumerate(['2024H2', '2025H1', '2025H2', '2026H1', '2026H2']):
            if (i + n) % 6 == 0 or (half == '2026H2' and i % 2):
                continue
            when = datetime.date(int(half[:4]), 5 if half.endswith('1') else 10, 2 + i)
            ok = not (i == 3 and n > 2)
            data = {'provider': f'provider-r{i:03}', 'trigger': 'half_year', 'period': half, 'checked_on': day(when),
                    'checked_by': 'staff-p001', 'decision': 'approved' if ok else 'not_approved',
                    'next_check_on': day(after(when, 180)),
                    'ivo_permit': {'outcome': 'ok' if ok else 'deviation', 'source': 'placeringsstod', 'target_group_ok': 'ja',
                                   'criticism': 'none' if ok else 'serious'}}
            if (i + n) % 4:
                data['register_routine'] = {'outcome': 'confirmed', 'how': 'written_confirmation'}
            if not ok:
                data['action'] = 'Inga nya placeringar tills vidare.'
            put('provider_check', f'r{i:03}{n}', data)


def case(i):
    opened = after(datetime.date(2025, 1, 7), i * 9)
    team = TEAMS[i % 4]
    violence = 'ja' if i % 3 == 0 else 'nej'
    pre = rnd.choice([3, 7, 10, 12, 13, 14, 14, 19, 24])
    decided = after(opened, pre)
    data = {'child_ref': f'barn-R{i:04}', 'birth_year': 2008 + i % 10, 'research_sample': i % 11 == 0, 'sex': 'girl' if i % 2 else 'boy',
            'handler': HANDLERS[i % 3], 'manager': 'staff-b002', 'team': team, 'opened_on': day(opened), 'channel': 'concern_report',
            'protection_assessment': {'done_on': day(opened), 'immediate_need': 'nej'}, 'stage': 'preassessment'}
    data['violence'] = {'suspected': violence}
    if decided <= TODAY:
        data['stage'] = 'investigation'
        data['preassessment'] = {'decided_on': day(decided), 'decision': 'open' if i % 4 else 'not_open', 'child_heard': 'ja'}
        if i % 4 == 0:
            data.update(stage='closed', closed_on=day(decided), closed_reason='no_investigation')
        else:
            closed = after(decided, rnd.choice([60, 85, 100, 110, 118, 121, 135, 160]))
            data['investigation'] = {'opened_on': day(decided)}
            if closed <= TODAY:
                data['investigation']['closed_on'] = day(closed)
                data['stage'] = 'intervention'
    if violence == 'ja':
        data['violence']['kinds'] = ['exposed']
        late = ja(60 + i // 2)
        data['violence'].update(risk_assessed=late, risk_motive='Bedömd efter samtal med barnet.')
        if late == 'ja':
            data['violence'].update(risk_assessed_on=day(after(opened, rnd.choice([1, 3, 5, 9]))), risk_level='medium')
        if ja(55 + i // 2) == 'ja':
            when = after(opened, rnd.choice([2, 6, 13, 20]))
            report = rnd.randrange(3) > 0
            one = {'k': 'd1', 'decided_on': day(when), 'decision': 'report' if report else 'no_report',
                   'motive': 'Brott mot barn i nära relation.', 'decided_by': 'staff-b002'}
            if report:
                one['reported_on'] = day(after(when, 1))
            data['police_decisions'] = [one]
    put('case', f'r{i:03}', data, day(opened))
    return opened, data


def checklists(i, data):
    closed = data.get('investigation', {}).get('closed_on')
    if not closed:
        return
    when = datetime.date.fromisoformat(closed)
    answers = {k: ja(78 + i // 3) for k in ['child_heard', 'info_report', 'info_investigation', 'info_intervention', 'info_decision',
                                            'communication_boxes']}
    answers.update(child_communicated='ja', police_decision=ja(70), placed='nej', risk_assessed=ja(75))
    if answers['child_heard'] == 'nej':
        answers['child_heard_motive'] = 'ja'
    if answers['police_decision'] == 'ja':
        answers['police_motive'] = ja(85)
    base = {'case': f'case-r{i:03}', 'document_kind': 'investigation', 'document_ref': f'UTR-R-{i:03}'}
    put('decision_checklist', f'r{i:03}w', {**base, 'audience': 'writer', 'filled_by': data['handler'],
                                             'filled_on': day(after(when, -4)), 'answers': answers}, closed)
    if i % 7 == 0:
        return
    differ = {**answers}
    if i % 5 == 0:
        differ['info_decision'] = 'nej' if answers['info_decision'] == 'ja' else 'ja'
    put('decision_checklist', f'r{i:03}m', {**base, 'audience': 'manager', 'pair': f'decision_checklist-r{i:03}w',
                                             'filled_by': 'staff-b002', 'filled_on': day(after(when, -2)), 'answers': differ,
                                             'outcome': 'returned' if i % 9 == 0 else 'ok'}, closed)


def placement(i, opened):
    start = after(opened, 40)
    if start > TODAY:
        return
    number, ended = f'r{i:03}', i < 20
    end = after(start, 150 + i)
    outside = i % 3 == 0
    data = {'case': f'case-{number}', 'provider': f'provider-r{1 + i % 8:03}', 'form': 'hvb', 'legal_basis': ['sol', 'lvu_2', 'lvu_3'][i % 3],
            'framework': 'outside' if outside else 'inside', 'contract': f'contract-{number}', 'status': 'ended' if ended else 'active',
            'decided_on': day(start), 'start_on': day(start), 'acute': False, 'purpose': 'Trygg boendemiljö och skolgång.',
            'designated_worker': HANDLERS[i % 3]}
    if i % 4:
        data['health_exam'] = {'status': 'performed' if i % 2 else 'initiated', 'initiated_on': day(start)}
        if i % 2:
            data['health_exam']['performed_on'] = day(after(start, 30))
    if ended:
        data.update(end_on=day(end), end_reason='moved_home')
    put('placement', number, data, day(start))
    for kind, missing in (('care_plan', i % 7 == 0), ('implementation_plan', i % 3 == 2)):
        if missing:
            continue
        plan = {'kind': kind, 'case': f'case-{number}', 'placement': f'placement-{number}', 'version': 1, 'drawn_up_on': day(start),
                'next_follow_up_on': day(after(start, 180)), 'child_took_part': 'ja',
                'sections': {'contact': 'Umgänge varannan helg.', 'views': 'Den unge vill bo kvar.'}}
        if kind == 'care_plan':
            plan['sections'].update(interventions='Heldygnsvård.', care_goal='Trygghet och skolgång.')
        else:
            plan['sections'].update(how_and_when='Varje vecka.', follow_up_how='Var sjätte månad.', other_principals='Skolan.',
                                    board_contact='Handläggaren.')
            plan['goals'] = [{'k': 'skola', 'goal': 'Skolgång på heltid'}]
        put('plan', number + kind[0], plan, day(start))
    held, n = after(start, 150), 0
    while held <= (end if ended else TODAY) and i % 6 != 1:
        put('follow_up', f'{number}{n}', {
            'case': f'case-{number}', 'placement': f'placement-{number}', 'purposes': ['intervention', 'extension'],
            'contract': f'contract-{number}', 'contract_terms_met': 'ja', 'extension_recommendation': 'end',
            'held_on': day(held), 'form': 'visit', 'participants': ['child', 'provider'], 'child_heard': 'ja', 'child_spoken_alone': 'ja',
            'goal_results': [{'k': 'skola', 'goal': 'Skolgång', 'result': 'partly'}], 'summary': 'Vården fungerar enligt plan.',
            'plan_revision_needed': 'nej', 'safety_concern': 'ja' if i % 8 == 3 else 'nej',
            **({'safety_action': 'Utföraren kontaktad.', 'lex_sarah': 'no_need'} if i % 8 == 3 else {}),
            'next_follow_up_on': day(after(held, 160))}, day(held))
        held, n = after(held, 150), n + 1
    to, k, extensions = after(start, 180), 1, []
    first = to
    while not ended and to < TODAY:
        row = {'k': f'f{k}', 'seq': k, 'decided_on': day(after(to, -10)), 'to_on': day(after(to, 120))}
        if n and i % 4:
            row.update(follow_up=f'follow_up-{number}0', reconciled_by='staff-a001', reconciled_on=day(after(to, -12)))
        extensions.append(row)
        to, k = after(to, 120), k + 1
    contract = {'placement': f'placement-{number}', 'provider': f'provider-r{1 + i % 8:03}',
                'procurement': 'direct_award' if outside else 'framework_city', 'signed_on': day(start), 'from_on': day(start),
                'initial_to_on': day(first), 'to_on': day(end if ended else to), 'daily_rate_sek': 6200 + 150 * (i % 9),
                'status': 'ended' if ended else 'active'}
    if outside:
        contract['direct_award'] = {'motive': 'Ingen plats inom ramavtalet.', 'estimated_value_sek': 900000,
                                    'approved_by': 'staff-e001', 'approved_on': day(start)}
    else:
        contract['framework_ref'] = 'RA-SYN-1'
    if extensions:
        contract['extensions'] = extensions
    put('contract', number, contract, day(start))


def rounds():
    for r, (year, seq, opens) in enumerate([(2025, 1, '2025-03-10'), (2025, 2, '2025-08-11'), (2025, 3, '2025-11-10')]):
        first = datetime.date.fromisoformat(opens)
        ident = f'review_round-r{year}{seq}'
        assignments = [{'k': f'c{i}', 'case': f'case-r{i:03}', 'reviewer': HANDLERS[(i + 1) % 3], 'due_on': day(after(first, 18))}
                       for i in range(1, 33)]
        put('review_round', f'r{year}{seq}', {
            'kind': 'self_check', 'label': f'Egenkontroll {seq} {year}', 'year': year, 'seq': seq, 'form': 'vinr_v1', 'opens_on': opens,
            'closes_on': day(after(first, 18)), 'coordinator': 'staff-s001', 'sample': {'method': 'random', 'planned': 32, 'seed': f'{year}-{seq}'},
            'assignments': assignments, 'status': 'presented',
            'analysis': {'done_on': day(after(first, 40)), 'findings': 'Fler beslut är tydligt motiverade än förra omgången.',
                         'causes': 'Den nya mallen används.'},
            'presentations': [{'k': 'm', 'team': 'mottag', 'held_on': day(after(first, 50))}],
            **({'baseline': f'review_round-r{year}{seq - 1}'} if seq > 1 else {})}, opens)
        for i in range(1, 31 if r else 28):
            answers = {k: ja(p[r]) for k, p in QUESTIONS.items()}
            answers['pre_child_heard'] = ja(55)
            if answers['pre_child_heard'] == 'nej':
                answers['pre_motive'] = ja((34, 58, 77)[r])
            if answers['inv_child_heard'] == 'nej':
                answers['inv_motive'] = ja(50)
            answers['violence_case'] = 'ja' if i % 3 == 0 else 'nej'
            if i % 3 == 0:
                answers['police_report'] = ja((40, 55, 70)[r])
                if answers['police_report'] == 'nej':
                    answers['police_no_report_decision'] = ja((30, 50, 75)[r])
                answers['risk_assessed'] = ja((39, 60, 84)[r])
            answers['basis_sufficient'] = ja((60, 68, 80)[r])
            learning = {'learning': rnd.choice(['Skriv ut barnets inställning till varje föreslagen insats.',
                                                'Motivera också varför ett förslag inte valdes.',
                                                'Dokumentera ställningstagandet till polisanmälan samma dag.'])} if i % 4 == 0 else {}
            put('case_review', f'r{year}{seq}x{i:02}', {
                'round': ident, 'case': f'case-r{i:03}', 'reviewer': HANDLERS[(i + 1) % 3], 'form': 'vinr_v1',
                'reviewed_on': day(after(first, 12 + i % 12)), 'answers': answers, 'needs_action': 'nej', **learning}, opens)


providers()
for number in range(1, 76):
    opened_on, fields = case(number)
    checklists(number, fields)
    if fields.get('investigation') and number % 2:
        placement(number, opened_on)
rounds()
