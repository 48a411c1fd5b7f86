import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

Transition = namedtuple('Transition', ('state', 'action', 'next_state', 'reward'))
BATCH_SIZE, GAMMA, LR = 128, 0.99, 1e-4


class DuelingDQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super(DuelingDQN, self).__init__()
        self.feature = nn.Sequential(nn.Linear(n_observations, 32), nn.ReLU())
        self.advantage = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, n_actions))
        self.value = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        x = self.feature(x)
        adv = self.advantage(x)
        value = self.value(x)
        return value + adv - adv.mean(dim=-1, keepdim=True)


n_actions = 2
policy_net = DuelingDQN(4, n_actions)
target_net = DuelingDQN(4, n_actions)
target_net.load_state_dict(policy_net.state_dict())
optimizer = optim.AdamW(policy_net.parameters(), lr=LR, amsgrad=True)


def optimize_model(batch):
    state_action_values = policy_net(batch.state)
    with torch.no_grad():
        expected = batch.reward + GAMMA * target_net(batch.next_state).max(1)[0]
    loss = F.smooth_l1_loss(state_action_values, expected)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
